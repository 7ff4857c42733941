/*
 * crm: a customer look-up as a company might have one: the caller's number, the
 * customer's id or both in, a flat JSON object out.  The id decides.
 */
#ifndef SANDBOX_CRM_H
#define SANDBOX_CRM_H

struct exchange;

/* GET /sandbox/crm/customers?phone=%2B12025550101&customer=C-100101, with Basic credentials of its own. */
void crm_customers(struct exchange *exchange);

#endif
