/** Whether a request comes from this machine and is meant for it, as far as a Worker can know. */
export function isLoopback(request: Request): boolean {
  const clientIp = request.headers.get('CF-Connecting-IP');
  return (
    isLoopbackHost(new URL(request.url).hostname) &&
    (clientIp === null || isLoopbackHost(clientIp)) &&
    isOwnPage(request.headers.get('Origin'))
  );
}

/** A page from elsewhere, open in a browser of this machine, is not this machine. */
function isOwnPage(origin: string | null): boolean {
  if (origin === null) return true;
  const url = URL.parse(origin);
  return url !== null && isLoopbackHost(url.hostname);
}

function isLoopbackHost(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    /^127(\.\d{1,3}){3}$/.test(host) ||
    host === '[::1]' ||
    host === '::1' ||
    /^(::ffff:)127(\.\d{1,3}){3}$/i.test(host)
  );
}
