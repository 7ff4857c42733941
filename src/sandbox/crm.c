#include "crm.h"

#include "base/json.h"
#include "credentials.h"
#include "exchange.h"
#include "magic.h"

#include <string.h>

struct customer {
	const char *phone;
	const char *name, *email, *address, *account_number;
	const char *customer_since, *tariff, *meter_number, *language;
};

static const struct customer customers[] = {
	{ "+12025550101", "Maria Santos", "maria.santos@example.com",
	    "12 Elm Street, Springfield, OR 97477", "EX-100101", "2016-04-18", "Home Day and Night",
	    "M-440101", "en" },
	{ "+12025550102", "Jonas Weber", "jonas.weber@example.com",
	    "7 Harbor Lane, Portsmouth, NH 03801", "EX-100102", "2021-09-02", "Home Flex",
	    "M-440102", "de" },
	{ "+12025550103", "Aiko Tanaka", "aiko.tanaka@example.com",
	    "88 Cedar Avenue, Boulder, CO 80302", "EX-100103", "2019-01-27", "Heat Pump",
	    "M-440103", "ja" },
	{ "+12025550104", "Grace Adeyemi", "grace.adeyemi@example.com",
	    "3 Mill Road, Ithaca, NY 14850", "EX-100104", "2012-11-05", "Home Flex", "M-440104",
	    "en" },
	{ "+12025550105", "Priya Nair", "priya.nair@example.com",
	    "41 Lakeview Drive, Madison, WI 53703", "EX-100105", "2023-06-14", "Solar Return",
	    "M-440105", "en" },
	/* What a record can do to a page that does not treat it as text. */
	{ "+12025550106", "<script>alert('name')</script> \"O'Neil\" & \xf0\x9f\x94\x91 "
	    "\xe2\x80\xae\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
	    "\"><img src=x onerror=alert(2)>@example.com",
	    "{{task.name}} ${7*7} '; DROP TABLE customers; --",
	    "=HYPERLINK(\"https://example.com\")", "0000-00-00", "javascript:alert(3)",
	    "../../../../etc/passwd", "zxx" },
	{ "+12025550107", "Lena Fischer", "lena.fischer@example.com",
	    "219 Birch Court, Burlington, VT 05401", "EX-100107", "2018-03-30",
	    "Home Day and Night", "M-440107", "de" },
	{ "+12025550108", "Omar Haddad", "omar.haddad@example.com",
	    "5 Juniper Street, Santa Fe, NM 87501", "EX-100108", "2020-12-11", "Solar Return",
	    "M-440108", "ar" },
	{ "+12025550109", "Zo\xc3\xab Martin", "zoe.martin@example.com",
	    "60 Maple Terrace, Bangor, ME 04401", "EX-100109", "2015-07-22", "Home Flex",
	    "M-440109", "fr" },
	{ "+12025550110", "Ivan Petrov", "ivan.petrov@example.com",
	    "14 Spruce Way, Duluth, MN 55802", "EX-100110", "2022-02-08", "Business Basic",
	    "M-440110", "uk" },
	{ "+447700900123", "Nia Okafor", "nia.okafor@example.com", "2 Canal Wharf, Leeds LS1 4AB",
	    "EX-200123", "2017-10-19", "Home Flex", "M-450123", "en-GB" },
};

static const struct customer *
find(const char *phone)
{
	for (size_t i = 0; i < sizeof(customers) / sizeof(*customers); i++)
		if (strcmp(customers[i].phone, phone) == 0)
			return &customers[i];
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
customer_json(const struct customer *customer)
{
	const struct exchange_text texts[] = {
		{ "name", customer->name },
		{ "email", customer->email },
		{ "address", customer->address },
		{ "account_number", customer->account_number },
		{ "phone", customer->phone },
		{ "customer_since", customer->customer_since },
		{ "tariff", customer->tariff },
		{ "meter_number", customer->meter_number },
		{ "language", customer->language },
		{ NULL, NULL },
	};
	struct json_object *record = json_new_object();

	if (exchange_add_texts(record, texts))
		return record;
	json_free(record);
	return NULL;
}

void
crm_customers(struct exchange *exchange)
{
	const char *phone = exchange_query(exchange, "phone");
	struct customer magic_customer = { phone, "Max Mustermann", "max.mustermann@example.com",
		"1 Example Square, Anytown, KS 66002", "EX-199999", "2014-05-01", "Home Flex",
		"M-499999", "en" };
	const struct customer *customer = phone == NULL ? NULL : find(phone);

	if (!credentials_of_crm(exchange->request)) {
		response_header(exchange->response, "WWW-Authenticate",
		    "Basic realm=\"Example Energy customers\"");
		exchange_complain(exchange, 401, "User name or password is wrong");
		return;
	}
	if (phone == NULL || phone[0] != '+') {
		exchange_complain(exchange, 400, "Give ?phone= in E.164 form, its + sent as %2B");
		return;
	}
	if (magic_intercepts(exchange, MAGIC_CUSTOMER, phone))
		return;
	if (customer == NULL && is_magic(phone))
		customer = &magic_customer;
	if (customer == NULL)
		exchange_complain(exchange, 404, "There is no customer with this number");
	else
		exchange_answer(exchange, 200, customer_json(customer));
}
