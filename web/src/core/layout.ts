/** Where there is room for the desk beside what is shown: on wide screens, and on those that are low. */
export const twoColumns =
    '(min-width: 1080px), (min-width: 760px) and (max-height: 860px), (min-width: 640px) and (max-height: 560px)';
