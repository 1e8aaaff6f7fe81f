# Two images from one file:
#   docker build --target app .     what serves: no sources, no npm packages but those it runs on
#   docker build --target tools .   the account commands (npm run create-admin, create-token, set-password)
# See docs/operations.md, "Containers".

# The digest is what counts; the tag says what it is. `docker buildx imagetools inspect <name>:<tag>` prints the
# digest of a newer one.
FROM node:26.10.0-bookworm-slim@sha256:662933cf47f013bc8e4beb31a6116448427a82057ba7c42c97e4c5ba766504c2 AS base
WORKDIR /app
ENV NEXT_TELEMETRY_DISABLED=1 \
    CHECKPOINT_DISABLE=1

FROM base AS build
# Before the sources, so that a change to them does not install anew.
COPY package.json package-lock.json .npmrc ./
# No package's own script runs (scripts/install.mjs).
RUN npm ci --ignore-scripts --include=dev --include=optional
COPY . .
RUN node scripts/build-standalone.mjs

# On the machine that builds it takes no space of its own: it is the build, under another name.
FROM build AS tools
ENV NODE_ENV=production
RUN mkdir -p data && chown node:node data
USER node
CMD ["npm", "run", "create-admin"]

FROM base AS app
ENV NODE_ENV=production
# All that it writes: the embedded database, unless DATABASE_URL says otherwise, and Next's cache of images.
RUN mkdir -p data .next-standalone/cache && chown node:node data .next-standalone/cache
COPY --from=build /app/.next-standalone/standalone ./
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "healthy.mjs"]
CMD ["node", "start.mjs"]
