/*
 * portal_site: the server behind Example Energy's account page.  It asks
 * portal-pin for a PIN as a company's website does: signed, and from the server.
 */
#ifndef SANDBOX_PORTAL_SITE_H
#define SANDBOX_PORTAL_SITE_H

struct exchange;

/* What the sandbox's configuration has as PORTAL_KEY. */
#define PORTAL_SITE_KEY "sandbox-portal-key-not-a-secret-00"

/* POST /sandbox/portal/pin: a PIN for the customer who is logged in, the field customer. */
void portal_site_pin(struct exchange *exchange);

#endif
