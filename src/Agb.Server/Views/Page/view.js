import RFB from './novnc/core/rfb.js';

// The path ends with the session, the mode and the signature.
const [session, mode] = location.pathname.split('/').slice(-4);
const isViewOnly = mode === 'watch';
const title = `Desktop of ${session.slice(session.indexOf('.') + 1)}`;
const state = document.getElementById('state');

document.title = isViewOnly ? `${title} (view only)` : title;
document.getElementById('title').textContent = title;
document.getElementById('mode').hidden = !isViewOnly;

const address = new URL('socket', location.href);
address.protocol = address.protocol.replace('http', 'ws');
const socket = new WebSocket(address);

// Before noVNC listens: the reason is lost to its listeners.
let reason = '';
socket.addEventListener('close', (event) => { reason = event.reason; });

const rfb = new RFB(document.getElementById('screen'), socket, { shared: true });
rfb.viewOnly = isViewOnly;
rfb.scaleViewport = true;
rfb.background = '#1e1e24';

rfb.addEventListener('connect', () => { state.textContent = 'Connected'; });
rfb.addEventListener('disconnect', () => { state.textContent = reason || 'The connection was lost. Reload the page.'; });
