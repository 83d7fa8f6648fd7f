/**
 * Scripts of Node that try to reach something from inside an agent, and tell by `say` what came of it: what was answered,
 * the code of an error, `TIMEOUT`.
 */

/** TLS by the name of the host alone, as a program does that knows no proxy. */
export function tlsOf(name: string, port: number): string {
  return `require('https').get({host:'${name}',port:${String(port)},rejectUnauthorized:false,agent:false},r=>r.on('data',d=>say(String(d)))).on('error',e=>say(e.code))`;
}

/** `fetch`, with the certificate checked. */
export function fetchOf(url: string): string {
  return `fetch('${url}').then(r=>r.text()).then(say,e=>say(e.cause?.code??e))`;
}

/** The proxy is asked for one name, and the handshake names another or the same. */
export function connectTo(target: string, servername: string): string {
  return (
    `require('http').request({host:'egress',port:3128,method:'CONNECT',path:'${target}'}).on('connect',(r,s)=>{if(r.statusCode!==200)return say(r.statusCode);` +
    `const t=require('tls').connect({socket:s,servername:'${servername}',rejectUnauthorized:false},()=>t.write('GET / HTTP/1.0\\r\\n\\r\\n'));` +
    `t.on('data',d=>say(/secure/.test(d)?'secure':d)).on('error',e=>say(e.code)).on('close',()=>say('closed'))}).on('error',e=>say(e.code)).end()`
  );
}

/** A plain request, with the options of Node's `http.get`. */
export function httpTo(options: string): string {
  return `require('http').get({${options}},r=>{let t='';r.on('data',d=>t+=d).on('end',()=>say(r.statusCode+' '+t))}).on('error',e=>say(e.code))`;
}

/** A plain connection. */
export function tcpTo(address: string, port: number): string {
  return `require('net').connect({host:'${address}',port:${String(port)},timeout:1500}).on('connect',()=>say('CONNECTED')).on('error',e=>say(e.code)).on('timeout',()=>say('TIMEOUT'))`;
}

/** A question for a name server. */
export function udpTo(address: string, port: number): string {
  const query = 'aaaa010000010000000000000361706904746573740000010001';
  return `const s=require('dgram').createSocket('udp4');s.on('message',()=>say('ANSWERED')).on('error',e=>say(e.code));s.send(Buffer.from('${query}','hex'),${String(port)},'${address}',e=>e&&say(e.code));setTimeout(()=>say('TIMEOUT'),1500)`;
}

/** The address of a name, as any program asks for it. */
export function nameOf(name: string): string {
  return `require('dns').lookup('${name}',(e,a)=>say(e?e.code:a))`;
}

/** The same of the engine's name server itself, without what a system does before. */
export function queryFor(name: string): string {
  return `const r=new(require('dns').Resolver)({timeout:1000,tries:1});r.setServers(['127.0.0.11']);r.resolveTxt('${name}',e=>r.resolve4('${name}',(f,a)=>say(f?f.code:a)))`;
}

/** A socket of the engine. */
export function socketAt(path: string): string {
  return `require('http').get({socketPath:'${path}',path:'/_ping'},r=>say('200 '+r.statusCode)).on('error',e=>say(e.code))`;
}

/** Python's own client, by the proxy of the environment or without one. */
export function pythonOf(url: string, proxy: boolean): readonly string[] {
  const handlers = proxy ? '' : 'urllib.request.ProxyHandler({}), ';
  const script = `
import os, ssl, urllib.request
context = ssl.create_default_context(cadata=os.environ['AUTHORITY'])
opener = urllib.request.build_opener(${handlers}urllib.request.HTTPSHandler(context=context))
try: print(opener.open('${url}', timeout=5).read().decode())
except Exception as error: print(type(error).__name__)`;
  return ['python3', '-c', script];
}

/** `curl`, by the proxy of the environment or without one. */
export function curlOf(url: string, proxy: boolean): readonly string[] {
  const options = `-sS -m 5 --cacert /tmp/authority.pem ${proxy ? '' : "--noproxy '*'"}`;
  return ['sh', '-c', `printf '%s\\n' "$AUTHORITY" >/tmp/authority.pem; curl ${options} ${url} || echo failed: $?`];
}
