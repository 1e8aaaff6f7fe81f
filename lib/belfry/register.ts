/**
 * What an app tells the compiler of itself, once:
 *
 *     declare module 'belfry' {
 *       interface Register { transaction: Prisma.TransactionClient }
 *     }
 */
// biome-ignore lint/suspicious/noEmptyInterface: an app adds to it
export interface Register {}

/** A transaction as the app's library hands it out. Not registered: nobody knows. */
export type AppTransaction = Register extends { transaction: infer Transaction } ? Transaction : unknown;
