/**
 * One value per process. Next bundles route handlers, pages and instrumentation separately, so a
 * module-level `const` exists two or three times in one server; a symbol on `globalThis` exists once.
 */
export function processSingleton<T>(name: string, make: () => T): T {
  const key = Symbol.for(`belfry.${name}`);
  const holder = globalThis as typeof globalThis & Record<symbol, T | undefined>;
  holder[key] ??= make();
  return holder[key];
}
