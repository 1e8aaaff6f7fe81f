/** Where the app lives on its host, such as `/app`: what Next calls `basePath`. Empty: at the root. */
// Next puts the value in place of these very words while it builds.
export const DEFAULT_BASE_PATH = process.env.NEXT_PUBLIC_BELFRY_BASE_PATH ?? '';
