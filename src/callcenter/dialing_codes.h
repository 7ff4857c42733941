/*
 * dialing_codes: which country is a telephone number of?
 *
 * By the prefixes that ITU-T E.164 and the countries that share one (+1, +7,
 * +44 and others) have handed out.  Tells where a message goes and what it may
 * cost, not whether there is such a number.
 */
#ifndef CALLCENTER_DIALING_CODES_H
#define CALLCENTER_DIALING_CODES_H

#include <stdbool.h>

#define DIALING_CODES_COUNTRY_SIZE 3

/*
 * The ISO 3166 code of an E.164 number's country (XK for Kosovo); NULL if it
 * has none: satellite and international networks, shared cost, personal and
 * premium numbers of +1 and +44, and what is handed out to nobody.
 */
const char *dialing_codes_country(const char *number);

/* Is it the code of a country that has numbers? */
bool dialing_codes_country_known(const char *country);

#endif
