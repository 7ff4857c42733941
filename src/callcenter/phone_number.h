/*
 * phone_number: numbers in E.164 form (ITU-T E.164: +, country code, at most
 * 15 digits), and how much of one may be shown.
 */
#ifndef CALLCENTER_PHONE_NUMBER_H
#define CALLCENTER_PHONE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#define PHONE_NUMBER_SIZE 17 /* +, 15 digits, NUL */
#define PHONE_MASK_SIZE   320 /* an e-mail address is masked to its domain */

/*
 * Brings a number into E.164.  Accepts what stands for + (a leading blank: a +
 * that was decoded as one), and blanks, hyphens, dots and brackets between the
 * digits, as Flex displays numbers.  Refuses everything else: a number
 * without a country code is not guessed at, nor one with a "(0)".
 */
bool phone_number_normalise(const char *text, char number[PHONE_NUMBER_SIZE]);

/*
 * Numbers that networks deliver in place of a withheld caller ID, such as
 * +266696687, which spells ANONYMOUS on a keypad.
 */
bool phone_number_withheld(const char *number);

/* Looks like an e-mail address that could be sent to: one @, a domain with a dot, nothing unprintable. */
bool phone_number_is_email(const char *text);

/*
 * What may be shown and logged of a number or an e-mail address: the first
 * digits of the country code and the last two; the first letter and the domain.
 */
void phone_number_mask(const char *address, char mask[PHONE_MASK_SIZE]);

#endif
