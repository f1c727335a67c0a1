import type * as api from '#spec/api/admin/event-reports.ts'
import type { QueryOf, ResponseOf } from '#spec/endpoint.ts'
import { notFound } from '#spec/errors.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { deleteReport } from '#node/reports/store.ts'
import { readRoomEvents } from '#node/rooms/store.ts'
import { nextOf } from './paging.ts'
import * as store from './store.ts'

const shown = (row: store.ReportRow) => ({
  id: row.id,
  received_ts: row.reportedAt,
  room_id: row.roomId,
  event_id: row.eventId,
  user_id: row.reporter,
  sender: row.sender,
  reason: row.reason,
  score: null,
  name: row.name,
  canonical_alias: row.canonicalAlias,
})

/** A page of the reported events. */
export async function listReports(
  deps: Deps,
  wanted: QueryOf<typeof api.getEventReports>,
): Promise<ResponseOf<typeof api.getEventReports>> {
  const [rows, total] = await Promise.all([store.readReports(deps.sql, wanted), store.countReports(deps.sql, wanted)])
  return { event_reports: rows.map(shown), ...nextOf(wanted, rows, total), total }
}

const noSuchReport = () => notFound('There is no such report.')

/** One report, with its event. Throws M_NOT_FOUND. */
export async function findReport(deps: Deps, id: number): Promise<ResponseOf<typeof api.getEventReport>> {
  const row = await store.readReport(deps.sql, id)
  const [event] = row === undefined ? [] : await readRoomEvents(deps.sql, [row.eventId])
  if (row === undefined || event === undefined) throw noSuchReport()
  return { ...shown(row), event_json: { ...event } }
}

/** Throws M_NOT_FOUND. */
export async function removeReport(deps: Deps, id: number): Promise<void> {
  if (!(await transaction(deps.sql, (tx) => deleteReport(tx, id)))) throw noSuchReport()
}
