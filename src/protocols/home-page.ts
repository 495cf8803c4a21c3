/** What a person sees who opens the server's own address: a small page that says what this is. */
import type { Answer, ProtocolContext } from './protocol.ts';

export function homePage(context: ProtocolContext): Answer {
  const text = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>iipsrv</title></head>
<body>
<h1>iipsrv ${context.version}</h1>
<p>An image server for the protocols IIP, IIIF Image API 2 and 3, DeepZoom and Zoomify.
It runs. Ask it for an image: <code>?FIF=name&amp;CVT=jpeg</code> or <code>?IIIF=name/info.json</code>.</p>
</body>
</html>
`;
  return { kind: 'document', contentType: 'text/html; charset=utf-8', text };
}
