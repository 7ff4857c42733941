// fastify.mjs PORT UPSTREAM [tuned]: what somebody writes in an afternoon with
// Fastify and Twilio's SDK: the number comes in, a code goes out, nothing is
// checked and nothing remembered.
//
// tuned: as many kept connections to Twilio as there are requests at once.
import fastify from 'fastify';
import twilio from 'twilio';

const ACCOUNT = 'AC00000000000000000000000000000001';
const SERVICE = 'VA00000000000000000000000000000001';
const [port, upstream, tuned] = process.argv.slice(2);

// The SDK knows no other host than Twilio's; its own client otherwise.
class UpstreamClient extends twilio.RequestClient {
	request(options) {
		return super.request({ ...options, uri: options.uri.replace('https://verify.twilio.com', upstream) });
	}
}

const settings = tuned ? { keepAlive: true, maxSockets: 1024, maxTotalSockets: 1024, maxFreeSockets: 1024 } : {};
const client = twilio(ACCOUNT, 'token', { httpClient: new UpstreamClient(settings) });

const app = fastify();

app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' },
	(request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body))));

app.post('/start-verify', async (request, reply) => {
	const { to, channel, locale } = request.body ?? {};
	if (!to || !channel) return reply.code(400).send({ success: false, error: { message: 'Missing parameter' } });
	try {
		await client.verify.v2.services(SERVICE).verifications.create({ to, channel, locale });
		return { success: true };
	} catch (error) {
		return reply.code(error.status ?? 500).send({ success: false, error: { message: error.message, moreInfo: error.moreInfo } });
	}
});

app.listen({ port: Number(port), host: '127.0.0.1' });
