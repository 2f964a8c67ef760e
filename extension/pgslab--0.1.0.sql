-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION pgslab" to load this file. \quit

-- ==== the type vec ===================================================================================================

-- ==== the index access method slab ===================================================================================

