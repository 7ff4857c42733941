/*
 * verify_service: how a Verify service is set up.
 * https://www.twilio.com/docs/verify/api/service
 */
#ifndef TWILIO_VERIFY_SERVICE_H
#define TWILIO_VERIFY_SERVICE_H

#include "twilio.h"

#include <stddef.h>

/* Has the service what a channel needs?  Twilio's list of members is not the same for all accounts. */
enum verify_service_part {
	VERIFY_SERVICE_UNKNOWN, /* Twilio does not say */
	VERIFY_SERVICE_MISSING,
	VERIFY_SERVICE_PRESENT
};

struct verify_service {
	char friendly_name[TWILIO_NAME_SIZE];
	int  code_length;
	bool lookup_enabled, skip_sms_to_landlines, dtmf_input_required;
	bool do_not_share_warning_enabled, custom_code_enabled, psd2_enabled;
	char default_template_sid[TWILIO_SID_SIZE]; /* "": Twilio's own wording */
	enum verify_service_part email, whatsapp;
};

/*
 * The service of the configuration.  TWILIO_NOT_FOUND: the account has none
 * of this SID.  TWILIO_BAD_ANSWER also if a member that decides over what is
 * sent is missing.  Repeated once if need be.
 */
enum twilio_result verify_service_read(const struct twilio *twilio, int64_t deadline_ms,
    struct verify_service *service, struct twilio_trace *trace);

/*
 * Which of these unique names are rate limits of the service?  has[] is filled
 * with TWILIO_OK only.  Repeated once if need be.
 * https://www.twilio.com/docs/verify/api/service-rate-limits
 */
enum twilio_result verify_service_limits(const struct twilio *twilio, const char *const names[], size_t count,
    int64_t deadline_ms, bool has[], struct twilio_trace *trace);

#endif
