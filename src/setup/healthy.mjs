// The health check of the containers: does this container's Swabline answer that it is ready?
// A worker alone serves only this, without TLS.
const servesTls = process.env.TLS_CERT && (process.env.SWABLINE_ROLES || 'api').includes('api');
// The certificate names the public host, not this one; nothing but this container is asked.
if (servesTls) process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
const ready = await fetch(`http${servesTls ? 's' : ''}://127.0.0.1:${process.env.PORT || 3000}/readyz`).then((answer) => answer.ok, () => false);
process.exit(ready ? 0 : 1);
