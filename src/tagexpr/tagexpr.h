/*-------------------------------------------------------------------------
 *
 * tagexpr.h
 *		The PostgreSQL side of type mkt.tagexpr.
 *
 * Stored as its canonical text: a varlena like text, in the database encoding.
 * The language and its tree are in tagexpr_core.h. Include postgres.h first.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TAGEXPR_H
#define TAGEXPR_H

#include "fmgr.h"

#include "tagexpr_core.h"

/* The tree of a stored value, in the current memory context. */
extern TagexprNode *mkt_tagexpr_from_value(const struct varlena *value);

/* The value of a tree. */
extern struct varlena *mkt_tagexpr_to_value(const TagexprNode *node);

#define PG_GETARG_TAGEXPR_PP(n) PG_GETARG_VARLENA_PP(n)

#endif							/* TAGEXPR_H */
