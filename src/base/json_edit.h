/*
 * json_edit: changes one member of a JSON text and not a byte of the rest.
 *
 * For texts of other people: reading and writing them again would round their
 * large numbers and spell their strings anew.
 */
#ifndef BASE_JSON_EDIT_H
#define BASE_JSON_EDIT_H

#include "buffer.h"
#include "json.h"

/*
 * Writes text, which is an object of at most depth_max levels, to out with the
 * member key set to value: in the place of the one it has, or behind its last.
 * JSON_OK, or why text is not to be touched; then out is not to be used.
 * *same, if not NULL: the member was there with that very text already.
 */
enum json_result json_edit_member(const char *text, int depth_max, const char *key, struct json_object *value,
    struct buffer *out, bool *same);

#endif
