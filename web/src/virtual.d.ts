declare module 'virtual:models' {
    import type { ModelEntry } from './state/models.ts';
    const list: ModelEntry[];
    export default list;
    export const studies: Readonly<Record<string, string>>;
}
