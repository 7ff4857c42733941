import { ANA, BEN, SAM, agent, newCall, notThe, taskSid, callFrom, setAttributes, call, ANAS_CALL, BENS_CALL } from "./api/helpers.js";
import { startStack } from "./api/stack.js";
import { launch, openPage } from "./browser/browser.js";
const out = process.argv[2];
const stack = await startStack({ FAILURES_PER_NUMBER_HOUR: 5, RESEND_AFTER_SECONDS: 0 });
const browser = await launch();
try {
	const [ana, ben, sam] = [ANA, BEN, SAM].map((t) => agent(stack, t));
	let n = 447700900100; const num = () => `+${n++}`;
	for (let i = 0; i < 4; i++) { const f = num(); const t = await newCall(stack, { from: f }); await ana.start(t); await ana.check(t, await stack.lastCode(f)); }
	{ const f = num(); const t = await newCall(stack, { from: f }); await ana.start(t); await ana.stop(t); }
	{ const f = num(); const t = await newCall(stack, { from: f }); await ana.start(t); const c = notThe(await stack.lastCode(f)); for (let i = 0; i < 5; i++) await ana.check(t, c); }
	{ const f = num(); const t = await newCall(stack, { from: f }); console.log((await sam.override(t, { reason: "Known to us for years; phone lost.", minutes: "10" })).text); }
	{ const f = num(); const t = await newCall(stack, { from: f }); await ana.start(t); await ana.cancel(t); }
	{ const f = num(); const t = await newCall(stack, { from: f, task: BENS_CALL }); await ben.start(t, { channel: "call" }); await ben.check(t, notThe(await stack.lastCode(f))); }
	{ const f = num(); const t = await newCall(stack, { from: f }); await ana.start(t); }
	const answer = await call(stack, "supervisor-info", {}, { token: SAM });
	console.log(answer.status, answer.text.slice(0, 6000));
	for (const [name, o] of [["light", { viewport: { width: 1280, height: 900 } }], ["dark", { viewport: { width: 1280, height: 900 }, colorScheme: "dark" }], ["small", { viewport: { width: 320, height: 700 } }]]) {
		const page = await openPage(browser, o);
		page.on("console", (m) => console.log(name, m.text())); page.on("pageerror", (e) => console.log(name, e.stack));
		await page.goto(`${stack.url}/supervisor/#token=sandbox-sam`);
		await page.locator("[data-rows] tr").first().waitFor();
		await page.waitForTimeout(300);
		await page.screenshot({ path: `${out}/${name}.png`, fullPage: true });
		await page.getByRole("button", { name: /^Allow without proof/ }).first().click();
		await page.screenshot({ path: `${out}/${name}-ask.png` });
	}
} finally { await browser.close(); await stack.stop(); }
