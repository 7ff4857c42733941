#include "twilio_error.h"

#include <stddef.h>

/* What Twilio's codes mean for us, in the order of the codes. */
static const struct {
	int                code;
	enum twilio_result result;
} codes[] = {
	{ 20001, TWILIO_SETUP },           /* unknown or invalid parameter */
	{ 20003, TWILIO_CREDENTIALS },     /* authentication failed */
	{ 20005, TWILIO_CREDENTIALS },     /* account not active */
	{ 20101, TWILIO_TOKEN_INVALID },   /* invalid access token */
	{ 20104, TWILIO_TOKEN_EXPIRED },   /* access token expired */
	{ 20403, TWILIO_CREDENTIALS },     /* no permission */
	{ 20404, TWILIO_NOT_FOUND },
	{ 20409, TWILIO_CONFLICT },        /* state forbids the change */
	{ 20412, TWILIO_CONFLICT },        /* If-Match did not match */
	{ 20429, TWILIO_BUSY },            /* too many requests: not processed */
	{ 20500, TWILIO_FAILED },
	{ 20503, TWILIO_FAILED },
	{ 20504, TWILIO_FAILED },
	{ 14107, TWILIO_BUSY },            /* messages: rate limit of the sender */
	{ 21211, TWILIO_NO_TEXTS },        /* not a valid number */
	{ 21212, TWILIO_SETUP },           /* messages: From is no valid sender */
	{ 21215, TWILIO_CALLS_OFF },       /* voice geo permission */
	{ 21220, TWILIO_CONFLICT },        /* the call is not in progress */
	{ 21408, TWILIO_COUNTRY_BLOCKED }, /* SMS region not enabled */
	{ 21603, TWILIO_SETUP },           /* messages: no sender */
	{ 21606, TWILIO_SETUP },           /* messages: From is not the account's, or sends no texts */
	{ 21608, TWILIO_TRIAL },           /* trial account: number not on its list */
	{ 21610, TWILIO_OPTED_OUT },       /* recipient sent STOP */
	{ 21611, TWILIO_BUSY },            /* messages: the sender's queue is full */
	{ 21612, TWILIO_NO_TEXTS },        /* not reachable from this sender */
	{ 21614, TWILIO_NO_TEXTS },        /* not a mobile number */
	{ 21617, TWILIO_SETUP },           /* messages: longer than 1600 characters */
	{ 21635, TWILIO_LANDLINE },        /* messages: the number is a landline */
	{ 21701, TWILIO_SETUP },           /* messages: no such messaging service */
	{ 21703, TWILIO_SETUP },           /* messages: the service has no sender */
	{ 21704, TWILIO_SETUP },           /* the same */
	{ 21705, TWILIO_SETUP },           /* messages: the service's SID is not valid */
	{ 30001, TWILIO_BUSY },            /* messages: queue overflow */
	{ 30002, TWILIO_CREDENTIALS },     /* messages: account suspended */
	{ 30003, TWILIO_NO_TEXTS },        /* messages: handset not reachable */
	{ 30004, TWILIO_NUMBER_BLOCKED },  /* messages: blocked */
	{ 30005, TWILIO_NO_TEXTS },        /* messages: handset unknown */
	{ 30006, TWILIO_LANDLINE },        /* messages: landline or unreachable carrier */
	{ 30007, TWILIO_NUMBER_BLOCKED },  /* messages: filtered by the carrier */
	{ 30034, TWILIO_SETUP },           /* messages: US number not registered (A2P 10DLC) */
	{ 60001, TWILIO_CHANNEL_OFF },     /* account not enabled for this way */
	{ 60200, TWILIO_BAD_PARAMETER },
	{ 60201, TWILIO_TEMPLATE },        /* translation not approved */
	{ 60202, TWILIO_TOO_MANY_CHECKS },
	{ 60203, TWILIO_TOO_MANY_SENDS },
	{ 60204, TWILIO_SETUP },           /* feature not enabled on the service */
	{ 60205, TWILIO_LANDLINE },
	{ 60206, TWILIO_SETUP },           /* PSD2 service without amount and payee */
	{ 60207, TWILIO_SETUP },           /* too many rate limit resources */
	{ 60208, TWILIO_SETUP },           /* rate limit and bucket faults, to 60211 */
	{ 60209, TWILIO_SETUP },
	{ 60210, TWILIO_SETUP },
	{ 60211, TWILIO_SETUP },
	{ 60212, TWILIO_SENDING_ALREADY },
	{ 60214, TWILIO_CALLS_OFF },       /* no calls with PSD2 */
	{ 60217, TWILIO_EMAIL_OFF },       /* no e-mail integration */
	{ 60218, TWILIO_EMAIL_OFF },       /* e-mail template inactive */
	{ 60219, TWILIO_EMAIL_OFF },       /* e-mail template without placeholders */
	{ 60220, TWILIO_COUNTRY_BLOCKED }, /* China: use case not vetted */
	{ 60221, TWILIO_SETUP },           /* neither To nor VerificationSid */
	{ 60222, TWILIO_EMAIL_OFF },       /* e-mail sender not verified */
	{ 60223, TWILIO_CHANNEL_OFF },     /* channel disabled in the service */
	{ 60224, TWILIO_TEMPLATE },        /* template substitutions missing */
	{ 60226, TWILIO_COUNTRY_BLOCKED }, /* China: no friendly name */
	{ 60227, TWILIO_TEMPLATE },        /* template does not support the channel */
	{ 60228, TWILIO_TEMPLATE },        /* template not found */
	{ 60229, TWILIO_TEMPLATE },        /* template has no translation */
	{ 60236, TWILIO_EMAIL_REFUSED },   /* e-mail domain unreadable */
	{ 60237, TWILIO_EMAIL_REFUSED },   /* e-mail domain denied */
	{ 60238, TWILIO_NUMBER_BLOCKED },  /* account in review, embargo */
	{ 60242, TWILIO_WHATSAPP_OFF },    /* WhatsApp template missing */
	{ 60245, TWILIO_EMAIL_OFF },       /* e-mail provider's limit */
	{ 60247, TWILIO_SETUP },           /* message over 500 characters */
	{ 60248, TWILIO_SETUP },           /* forbidden word in the service's name */
	{ 60250, TWILIO_SETUP },           /* Australia: sender not registered */
	{ 60330, TWILIO_SETUP },           /* webhook of the service failed */
	{ 60331, TWILIO_NO_VOICE },        /* locale that cannot be spoken */
	{ 60408, TWILIO_TEMPLATE },        /* template with a channel that has none */
	{ 60410, TWILIO_RANGE_BLOCKED },   /* Fraud Guard */
	{ 60412, TWILIO_NUMBER_BLOCKED },  /* Fraudulent Signup Prevention */
	{ 60431, TWILIO_NOT_FOUND },       /* verification not found */
	{ 60519, TWILIO_BUSY },            /* carrier's result not ready */
	{ 60550, TWILIO_CHANNEL_OFF },     /* auto found no usable channel */
	{ 60602, TWILIO_SETUP },           /* app hash without SMS */
	{ 60603, TWILIO_EMAIL_OFF },       /* e-mail provider: credits */
	{ 60604, TWILIO_EMAIL_OFF },       /* e-mail provider: authorisation */
	{ 60605, TWILIO_COUNTRY_BLOCKED }, /* Verify geo permissions */
	{ 60623, TWILIO_NOT_FOUND },       /* verification not found */
	{ 60624, TWILIO_TRIAL },           /* trial account's limit */
	{ 68008, TWILIO_WHATSAPP_OFF },    /* WhatsApp sender not configured */
	{ 70051, TWILIO_CREDENTIALS },     /* key without this permission */
};

/* A status that says enough where the code is missing or unknown. */
static const struct {
	int                status;
	enum twilio_result result;
} statuses[] = {
	{ 401, TWILIO_CREDENTIALS },
	{ 403, TWILIO_CREDENTIALS },
	{ 404, TWILIO_NOT_FOUND },
	{ 409, TWILIO_CONFLICT },
	{ 412, TWILIO_CONFLICT },
	{ 429, TWILIO_BUSY },
};

static enum twilio_result
refusal_result(int http_status, int code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].code == code)
			return codes[i].result;
	}
	/* Verify also refuses numbers and features with 403; only without a code of its own is it the key's fault. */
	if (http_status == 403 && code != 0)
		return TWILIO_REFUSED;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (statuses[i].status == http_status)
			return statuses[i].result;
	}
	return TWILIO_REFUSED;
}

enum twilio_result
twilio_error_result(int http_status, int code)
{
	if (http_status >= 500)
		return TWILIO_FAILED;
	if (http_status < 400)
		return TWILIO_BAD_ANSWER;
	return refusal_result(http_status, code);
}

bool
twilio_result_unclear(enum twilio_result result)
{
	switch (result) {
	case TWILIO_TIMED_OUT:
	case TWILIO_ANSWER_LOST:
	case TWILIO_BAD_ANSWER:
	case TWILIO_FAILED:
		return true;
	case TWILIO_OK:
	case TWILIO_UNREACHABLE:
	case TWILIO_BUSY:
	case TWILIO_RATE_LIMITED:
	case TWILIO_CREDENTIALS:
	case TWILIO_SETUP:
	case TWILIO_TEMPLATE:
	case TWILIO_TRIAL:
	case TWILIO_BAD_PARAMETER:
	case TWILIO_LANDLINE:
	case TWILIO_NO_TEXTS:
	case TWILIO_OPTED_OUT:
	case TWILIO_NUMBER_BLOCKED:
	case TWILIO_RANGE_BLOCKED:
	case TWILIO_COUNTRY_BLOCKED:
	case TWILIO_CHANNEL_OFF:
	case TWILIO_CALLS_OFF:
	case TWILIO_NO_VOICE:
	case TWILIO_EMAIL_OFF:
	case TWILIO_EMAIL_REFUSED:
	case TWILIO_WHATSAPP_OFF:
	case TWILIO_TOO_MANY_CHECKS:
	case TWILIO_TOO_MANY_SENDS:
	case TWILIO_SENDING_ALREADY:
	case TWILIO_NOT_FOUND:
	case TWILIO_CONFLICT:
	case TWILIO_TOKEN_INVALID:
	case TWILIO_TOKEN_EXPIRED:
	case TWILIO_REFUSED:
	case TWILIO_NO_MEMORY:
		return false;
	}
	return true;
}

const char *
twilio_result_name(enum twilio_result result)
{
	switch (result) {
	case TWILIO_OK:
		return "TWILIO_OK";
	case TWILIO_UNREACHABLE:
		return "TWILIO_UNREACHABLE";
	case TWILIO_TIMED_OUT:
		return "TWILIO_TIMED_OUT";
	case TWILIO_ANSWER_LOST:
		return "TWILIO_ANSWER_LOST";
	case TWILIO_BAD_ANSWER:
		return "TWILIO_BAD_ANSWER";
	case TWILIO_FAILED:
		return "TWILIO_FAILED";
	case TWILIO_BUSY:
		return "TWILIO_BUSY";
	case TWILIO_RATE_LIMITED:
		return "TWILIO_RATE_LIMITED";
	case TWILIO_CREDENTIALS:
		return "TWILIO_CREDENTIALS";
	case TWILIO_SETUP:
		return "TWILIO_SETUP";
	case TWILIO_TEMPLATE:
		return "TWILIO_TEMPLATE";
	case TWILIO_TRIAL:
		return "TWILIO_TRIAL";
	case TWILIO_BAD_PARAMETER:
		return "TWILIO_BAD_PARAMETER";
	case TWILIO_LANDLINE:
		return "TWILIO_LANDLINE";
	case TWILIO_NO_TEXTS:
		return "TWILIO_NO_TEXTS";
	case TWILIO_OPTED_OUT:
		return "TWILIO_OPTED_OUT";
	case TWILIO_NUMBER_BLOCKED:
		return "TWILIO_NUMBER_BLOCKED";
	case TWILIO_RANGE_BLOCKED:
		return "TWILIO_RANGE_BLOCKED";
	case TWILIO_COUNTRY_BLOCKED:
		return "TWILIO_COUNTRY_BLOCKED";
	case TWILIO_CHANNEL_OFF:
		return "TWILIO_CHANNEL_OFF";
	case TWILIO_CALLS_OFF:
		return "TWILIO_CALLS_OFF";
	case TWILIO_NO_VOICE:
		return "TWILIO_NO_VOICE";
	case TWILIO_EMAIL_OFF:
		return "TWILIO_EMAIL_OFF";
	case TWILIO_EMAIL_REFUSED:
		return "TWILIO_EMAIL_REFUSED";
	case TWILIO_WHATSAPP_OFF:
		return "TWILIO_WHATSAPP_OFF";
	case TWILIO_TOO_MANY_CHECKS:
		return "TWILIO_TOO_MANY_CHECKS";
	case TWILIO_TOO_MANY_SENDS:
		return "TWILIO_TOO_MANY_SENDS";
	case TWILIO_SENDING_ALREADY:
		return "TWILIO_SENDING_ALREADY";
	case TWILIO_NOT_FOUND:
		return "TWILIO_NOT_FOUND";
	case TWILIO_CONFLICT:
		return "TWILIO_CONFLICT";
	case TWILIO_TOKEN_INVALID:
		return "TWILIO_TOKEN_INVALID";
	case TWILIO_TOKEN_EXPIRED:
		return "TWILIO_TOKEN_EXPIRED";
	case TWILIO_REFUSED:
		return "TWILIO_REFUSED";
	case TWILIO_NO_MEMORY:
		return "TWILIO_NO_MEMORY";
	}
	return "not a twilio_result";
}
