/** A JSON answer that no cache keeps. */
import type { FastifyReply } from 'fastify';

export const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };

export const json = (reply: FastifyReply, value: unknown): FastifyReply => jsonText(reply, JSON.stringify(value));

/** @param text JSON that was written before. */
export const jsonText = (reply: FastifyReply, text: string): FastifyReply => reply.headers(JSON_HEADERS).send(text);
