/** Every message, as it is written in English. Types alone: pages may import it. */
import type { en as ofBelfry } from '../belfry/language/en.ts';
import type { en } from './en.ts';

export type AppMessages = typeof ofBelfry & typeof en;
export type AppMessageKey = keyof AppMessages;
