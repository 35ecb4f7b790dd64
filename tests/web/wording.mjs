// What elements say, as it is read on the screen.
export const plain = (text) => text.replace(/\s+/g, ' ').trim();

/** An element's words; where a line ends in the template makes no difference, as it makes none on the page. */
export const plainText = async (element) => plain((await element.textContent()) ?? '');
/** What elements say, with what is in their shadow. */
export const wording = async (locator) =>
    plain(
        (
            await locator.evaluateAll((all) =>
                all.map((each) => {
                    const read = (node) =>
                        node.nodeType === 3
                            ? node.data
                            : ['STYLE', 'annotation'].includes(node.tagName)
                              ? ''
                              : [...(node.shadowRoot ?? node).childNodes].map(read).join(' ');
                    return read(each);
                }),
            )
        ).join(' | '),
    );

/** What nobody should have to read: names from the code, and numbers as code prints them. */
export const raw = /\b\w+_\w+|\d(\.\d+)?e[−-]?\d|\b0\.0 ms|\blinf\b|\bl2\b|success|undefined|NaN|null/;
/** Commands and indices of a formula, which are not read. */
export const latex = /\\[a-zA-Z]+|[a-zA-Z]_/g;
