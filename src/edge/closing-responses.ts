/** Whether the first bytes of a connection are an HTTP/1 request. */
export function speaksHttp(first: Buffer): boolean {
  return /^[A-Z]{3,10} \S{1,8000} HTTP\/1\.[01]\r\n/.test(first.subarray(0, 8192).toString('latin1'));
}

/**
 * A response that tells its client to come back on a new connection: `Connection: close` in its head. A client that
 * reuses connections would otherwise stay with a replica until that one goes, and lose the request it is just sending.
 * Left as it is where the chunk does not hold the whole head of a final response.
 */
export function closingResponse(chunk: Buffer): Buffer {
  const end = chunk.indexOf('\r\n\r\n');
  if (end < 0) return chunk;
  const [status = '', ...fields] = chunk.subarray(0, end).toString('latin1').split('\r\n');
  if (!/^HTTP\/1\.[01] [2-5]\d\d(?: |$)/.test(status)) return chunk;
  const kept = fields.filter((field) => !/^(connection|keep-alive)\s*:/i.test(field));
  const head = [status, ...kept, 'Connection: close'].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), chunk.subarray(end)]);
}
