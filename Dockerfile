# syntax=docker/dockerfile:1
# One image for every service; ARGOSY_ROLES chooses what a container does.

FROM node:26.10.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# What is optional stays out: the embedded PostgreSQL, because a container gets a server (DATABASE_URL), and the Node that
# comes as a package, because this image is one. No package runs a script of its own.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
  && find node_modules -name '*.map' -delete \
  && ln -s /usr/local/bin/node node_modules/.bin/node

FROM node:26.10.0-bookworm-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    ARGOSY_DATA_DIR=/data
WORKDIR /app
RUN groupadd --gid 10001 argosy \
  && useradd --uid 10001 --gid argosy --no-create-home --shell /usr/sbin/nologin argosy \
  && install --directory --owner argosy --group argosy --mode 0700 /data \
  && ln -s /app/bin/argosy.mjs /usr/local/bin/argosy \
  && rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn-*
COPY --from=packages /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY --chmod=0755 bin ./bin
COPY src ./src
USER 10001:10001
EXPOSE 8000 8001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "bin/health.mjs"]
CMD ["node", "src/main.ts"]
