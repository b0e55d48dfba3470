// The health check of the containers: does this container's Swabline answer that it is ready?
const scheme = process.env.TLS_CERT ? 'https' : 'http';
// The certificate names the public host, not this one; nothing but this container is asked.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = scheme === 'https' ? '0' : '1';
const ready = await fetch(`${scheme}://127.0.0.1:${process.env.PORT || 3000}/readyz`).then((answer) => answer.ok, () => false);
process.exit(ready ? 0 : 1);
