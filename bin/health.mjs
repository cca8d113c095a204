/**
 * Asks the process in this container whether it is ready, as its health check: 0 when it is. The API answers on PORT, every
 * other role on ARGOSY_MONITOR_PORT.
 */
const { ARGOSY_ROLES: roles, PORT: port, ARGOSY_MONITOR_PORT: monitorPort } = process.env;
const servesApi = !roles || roles.split(',').some((role) => role.trim() === 'api');
const address = `http://127.0.0.1:${(servesApi ? port : monitorPort) || 8000}/health/ready`;

try {
  const response = await fetch(address, { signal: AbortSignal.timeout(4_000) });
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
