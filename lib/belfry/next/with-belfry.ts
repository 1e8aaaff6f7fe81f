/** What Belfry needs of Next's configuration. */

/** A configuration, as far as it is looked at. */
interface Config {
  basePath?: string | undefined;
  env?: Record<string, string | undefined> | undefined;
}

type MaybeFunction<C> = C | ((...given: never[]) => C | Promise<C>);

/**
 * Goes around the configuration in `next.config`, so that pages find Belfry's routes below the app's base path. It changes
 * nothing else.
 *
 *     export default withBelfry(nextConfig);
 *
 * @param config An object, or a function that makes one.
 */
export function withBelfry<C extends Config>(config: MaybeFunction<C> = {} as C): MaybeFunction<C> {
  if (typeof config !== 'function') return extended(config);
  return async (...given: never[]) => extended(await config(...given));
}

function extended<C extends Config>(config: C): C {
  const { basePath = '', env = {} } = config;
  return { ...config, env: { ...env, NEXT_PUBLIC_BELFRY_BASE_PATH: basePath } };
}
