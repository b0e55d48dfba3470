# The first stage compiles; the second holds what runs. Redis is a container of its own (docker-compose.yml).
FROM node:20-bookworm-slim AS build
WORKDIR /swabline
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm ci --omit=dev

FROM node:20-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 SWABLINE_DATA=/data
WORKDIR /swabline
COPY --from=build /swabline/package.json ./
COPY --from=build /swabline/node_modules ./node_modules
COPY --from=build /swabline/dist ./dist
# The Lua of the steps and the files of the screens are read from src.
COPY --from=build /swabline/src ./src
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "src/setup/healthy.mjs"]
# Not `npm start`: a signal to npm alone would not reach the program. The flag is the one of package.json.
CMD ["node", "--max-semi-space-size=32", "dist/main.js"]
