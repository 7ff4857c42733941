/*
 * portal: is it the company's website that asks?
 *
 * X-Flex-Verify-Signature is HMAC-SHA-256 with PORTAL_KEY over the bytes of the
 * body, in lower-case hex.  The body names the time, at most
 * PORTAL_SKEW_SECONDS from this host's, and a nonce that it has for the first time:
 * pin_issue takes it down, so that a request that was overheard is good for
 * nothing.  Browsers are no websites: a request with an Origin is refused.
 */
#ifndef CALLCENTER_PORTAL_H
#define CALLCENTER_PORTAL_H

#include "refusal.h"

struct turn;

/* How far the website's clock may be from ours, either way. */
#define PORTAL_SKEW_SECONDS 300

#define PORTAL_NONCE_MIN_CHARS 16

/* Who asks, on record. */
#define PORTAL_AGENT "portal"

enum refusal portal_identify(struct turn *turn);

#endif
