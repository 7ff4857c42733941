#include "crm.h"

#include "base/clock.h"
#include "base/json.h"
#include "credentials.h"
#include "exchange.h"
#include "magic.h"

#include <string.h>

struct customer {
	const char *id;
	const char *phone; /* on file; NULL: none */
	const char *name, *email, *address, *account_number;
	const char *customer_since, *tariff, *meter_number, *language;
	const char *also;         /* another number that the customer is known to call from; NULL: none */
	bool        landline;
	int         changed_days; /* since the number on file is another one; 0: long ago */
};

static const struct customer customers[] = {
	{ .id = "C-100101", "+12025550101", "Maria Santos", "maria.santos@example.com",
	    "12 Elm Street, Springfield, OR 97477", "EX-100101", "2016-04-18", "Home Day and Night",
	    "M-440101", "en" },
	{ .id = "C-100102", "+12025550102", "Jonas Weber", "jonas.weber@example.com",
	    "7 Harbor Lane, Portsmouth, NH 03801", "EX-100102", "2021-09-02", "Home Flex",
	    "M-440102", "de" },
	{ .id = "C-100103", "+12025550103", "Aiko Tanaka", "aiko.tanaka@example.com",
	    "88 Cedar Avenue, Boulder, CO 80302", "EX-100103", "2019-01-27", "Heat Pump",
	    "M-440103", "ja" },
	{ .id = "C-100104", "+12025550104", "Grace Adeyemi", "grace.adeyemi@example.com",
	    "3 Mill Road, Ithaca, NY 14850", "EX-100104", "2012-11-05", "Home Flex", "M-440104",
	    "en" },
	{ .id = "C-100105", "+12025550105", "Priya Nair", "priya.nair@example.com",
	    "41 Lakeview Drive, Madison, WI 53703", "EX-100105", "2023-06-14", "Solar Return",
	    "M-440105", "en" },
	/* What a record can do to a page that does not treat it as text. */
	{ .id = "C-100106", "+12025550106", "<script>alert('name')</script> \"O'Neil\" & \xf0\x9f\x94\x91 "
	    "\xe2\x80\xae\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
	    "\"><img src=x onerror=alert(2)>@example.com",
	    "{{task.name}} ${7*7} '; DROP TABLE customers; --",
	    "=HYPERLINK(\"https://example.com\")", "0000-00-00", "javascript:alert(3)",
	    "../../../../etc/passwd", "zxx" },
	{ .id = "C-100107", "+12025550107", "Lena Fischer", "lena.fischer@example.com",
	    "219 Birch Court, Burlington, VT 05401", "EX-100107", "2018-03-30",
	    "Home Day and Night", "M-440107", "de" },
	{ .id = "C-100108", "+12025550108", "Omar Haddad", "omar.haddad@example.com",
	    "5 Juniper Street, Santa Fe, NM 87501", "EX-100108", "2020-12-11", "Solar Return",
	    "M-440108", "ar" },
	{ .id = "C-100109", "+12025550109", "Zo\xc3\xab Martin", "zoe.martin@example.com",
	    "60 Maple Terrace, Bangor, ME 04401", "EX-100109", "2015-07-22", "Home Flex",
	    "M-440109", "fr" },
	{ .id = "C-100110", "+12025550110", "Ivan Petrov", "ivan.petrov@example.com",
	    "14 Spruce Way, Duluth, MN 55802", "EX-100110", "2022-02-08", "Business Basic",
	    "M-440110", "uk" },
	{ .id = "C-200123", "+447700900123", "Nia Okafor", "nia.okafor@example.com", "2 Canal Wharf, Leeds LS1 4AB",
	    "EX-200123", "2017-10-19", "Home Flex", "M-450123", "en-GB" },
	/* What only CONTACT_SOURCE=customer makes a difference of. */
	{ .id = "C-100112", "+12025550112", "Elena Rossi", "elena.rossi@example.com",
	    "9 Poplar Row, Concord, NH 03301", "EX-100112", "2018-05-16", "Home Flex", "M-440112", "it",
	    .also = "+12025550111" },
	{ .id = "C-100113", "+12025550113", "Harold Jensen", NULL,
	    "31 Orchard Street, Fargo, ND 58102", "EX-100113", "2004-02-27", "Home Day and Night",
	    "M-440113", "en", .landline = true },
	{ .id = "C-100114", NULL, "Mei Lin", "mei.lin@example.com",
	    "17 Garden Square, Eugene, OR 97401", "EX-100114", "2024-08-01", "Home Flex", "M-440114", "zh",
	    .also = "+12025550114" },
	{ .id = "C-100115", "+12025550115", "Samir Khan", "samir.khan@example.com",
	    "52 Station Road, Albany, NY 12207", "EX-100115", "2019-10-10", "Solar Return", "M-440115", "en",
	    .changed_days = 1 },
	{ .id = "C-100116", "+12025550116", "Tom Becker", "tom.becker@example.com",
	    "8 Meadow Lane, Dayton, OH 45402", "EX-100116", "2011-03-21", "Home Day and Night", "M-440116",
	    "en" },
	{ .id = "C-100117", "+12025550116", "Ella Becker", "ella.becker@example.com",
	    "8 Meadow Lane, Dayton, OH 45402", "EX-100117", "2022-11-30", "Heat Pump", "M-440117", "en" },
};

static bool
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* The id says who it is; of those who share a number, the number alone finds the first. */
static const struct customer *
find(const char *id, const char *phone)
{
	for (size_t i = 0; i < sizeof(customers) / sizeof(*customers); i++) {
		const struct customer *customer = &customers[i];

		if (id != NULL ? same(customer->id, id) : same(customer->phone, phone) || same(customer->also, phone))
			return customer;
	}
	return NULL;
}

/* Magic numbers all have the same customer, so that a verified one can be told from a failure. */
static bool
is_magic(const char *phone)
{
	return magic_find(MAGIC_SEND, phone) != NULL || magic_find(MAGIC_CHECK, phone) != NULL ||
	    magic_find(MAGIC_UPDATE, phone) != NULL || magic_find(MAGIC_CUSTOMER, phone) != NULL;
}

static struct json_object *
customer_json(const struct customer *customer, int64_t now_ms)
{
	const struct exchange_text texts[] = {
		{ "id", customer->id },
		{ "name", customer->name },
		{ "email", customer->email },
		{ "address", customer->address },
		{ "account_number", customer->account_number },
		{ "phone", customer->phone },
		{ "phone_type", customer->phone == NULL ? NULL : customer->landline ? "landline" : "mobile" },
		{ "customer_since", customer->customer_since },
		{ "tariff", customer->tariff },
		{ "meter_number", customer->meter_number },
		{ "language", customer->language },
		{ NULL, NULL },
	};
	struct json_object *record = json_new_object();

	exchange_add_texts(record, texts);
	if (customer->changed_days != 0)
		exchange_add_time(record, "phone_changed_at", now_ms - customer->changed_days * CLOCK_DAY_MS);
	return record;
}

void
crm_customers(struct exchange *exchange)
{
	const char *id = exchange_query(exchange, "customer"), *phone = exchange_query(exchange, "phone");
	const struct customer magic_customer = { .id = "C-199999", phone, "Max Mustermann",
		"max.mustermann@example.com", "1 Example Square, Anytown, KS 66002", "EX-199999", "2014-05-01",
		"Home Flex", "M-499999", "en" };
	const struct customer *customer = find(id, phone);
	int64_t now_ms = 0;

	if (!credentials_of_crm(exchange->request)) {
		response_header(exchange->response, "WWW-Authenticate",
		    "Basic realm=\"Example Energy customers\"");
		exchange_complain(exchange, 401, "User name or password is wrong");
		return;
	}
	if ((phone == NULL && id == NULL) || (phone != NULL && phone[0] != '+')) {
		exchange_complain(exchange, 400, "Give ?customer=, or ?phone= in E.164 form, its + sent as %2B");
		return;
	}
	if (phone != NULL && magic_intercepts(exchange, MAGIC_CUSTOMER, phone))
		return;
	if (customer == NULL && id == NULL && is_magic(phone))
		customer = &magic_customer;
	sandbox_lock(exchange->sandbox);
	now_ms = sandbox_now_ms(exchange->sandbox);
	sandbox_unlock(exchange->sandbox);
	if (customer == NULL)
		exchange_complain(exchange, 404, "There is no such customer");
	else
		exchange_answer(exchange, 200, customer_json(customer, now_ms));
}
