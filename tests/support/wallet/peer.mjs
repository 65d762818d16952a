// A provider of wallets for the tests: wallet addresses, authorisation server and resource server of Open Payments 1.3
// on loopback. Every request is checked with the standard's own OpenAPI and HTTP signature code, and so is every
// answer the OpenAPI describes. What it knows survives it in a file.
//
//   node peer.mjs MODULES STATE [PORT]     prints the port once it listens
//
// The owners' side has no standard: GET /control tells what happened, POST /control changes what happens next,
// GET /interact/ID?choice=accept is the consent page with its button pressed.

import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'

const [modules, statePath, wantedPort] = process.argv.slice(2)
const require = createRequire(`${modules}/package.json`)
const specs = require('@interledger/open-payments')
const { getKeyId, validateSignature } = require('@interledger/http-signature-utils')

const WALLETS = { alice: 'EUR', bob: 'EUR', carol: 'USD' }
const SCALE = 2
const TOKEN_SECONDS = 600
const QUOTE_MS = 5 * 60 * 1000
const PAGE = 5

const state = existsSync(statePath)
  ? JSON.parse(readFileSync(statePath, 'utf8'))
  : { ahead_ms: 0, keys: {}, grants: {}, tokens: {}, incoming: {}, quotes: {}, outgoing: {}, next: {}, log: [] }
let origin = ''

const save = () => {
  writeFileSync(`${statePath}.new`, JSON.stringify(state))
  renameSync(`${statePath}.new`, statePath)
}
const now = () => Date.now() + state.ahead_ms
const amount = (value, wallet) => ({ value: String(value), assetCode: WALLETS[wallet], assetScale: SCALE })
const named = (url) => String(url).startsWith(`${origin}/`) && String(url).slice(origin.length + 1)
const last = (url) => String(url).split('/').pop()

class Refusal extends Error {
  constructor(status, code) {
    super(code)
    Object.assign(this, { status, body: { error: { code, description: code } } })
  }
}
const refuseUnless = (isSo, status, code) => {
  if (!isSo) throw new Refusal(status, code)
}

// -- Authorisation server (GNAP) --------------------------------------------------------------------------------------

const issue = (grant) => {
  const value = randomUUID()
  const manage = randomUUID()
  state.tokens[value] = { grant, manage, expires: now() + TOKEN_SECONDS * 1000 }
  const { access } = state.grants[grant]
  return { value, manage: `${origin}/auth/token/${manage}`, expires_in: TOKEN_SECONDS, access }
}
const continuation = (id) => ({
  access_token: { value: state.grants[id].continuation },
  uri: `${origin}/auth/continue/${id}`
})

const requestGrant = ({ body }) => {
  const id = randomUUID()
  const { access } = body.access_token
  const client = named(body.client.walletAddress ?? body.client)
  const isOutgoing = access.some(({ type }) => type === 'outgoing-payment')
  state.grants[id] = { client, access, continuation: randomUUID(), nonce: randomUUID(), finish: body.interact?.finish }
  if (!isOutgoing) return [200, { access_token: issue(id), continue: continuation(id) }]
  refuseUnless(body.interact?.finish, 400, 'invalid_request')
  refuseUnless(access.every((item) => !item.identifier || named(item.identifier) === client), 400, 'invalid_request')
  const interact = { redirect: `${origin}/interact/${id}`, finish: state.grants[id].nonce }
  return [200, { interact, continue: continuation(id) }]
}

const interact = (id, choice) => {
  const grant = state.grants[id]
  const back = new URL(grant.finish.uri)
  if (choice === 'accept') {
    grant.interact_ref = randomUUID()
    const said = [grant.finish.nonce, grant.nonce, grant.interact_ref, `${origin}/auth/`].join('\n')
    back.searchParams.set('hash', createHash('sha256').update(said).digest('base64'))
    back.searchParams.set('interact_ref', grant.interact_ref)
  } else {
    back.searchParams.set('result', 'grant_rejected')
  }
  return back.toString()
}

const continueGrant = ({ body, id, token }) => {
  const grant = state.grants[id]
  refuseUnless(grant?.continuation === token, 404, 'invalid_continuation')
  refuseUnless(grant.interact_ref && grant.interact_ref === body.interact_ref, 401, 'request_denied')
  delete grant.interact_ref
  return [200, { access_token: issue(id), continue: continuation(id) }]
}

const cancelGrant = ({ id, token }) => {
  refuseUnless(state.grants[id]?.continuation === token, 404, 'invalid_continuation')
  for (const [value, { grant }] of Object.entries(state.tokens)) if (grant === id) delete state.tokens[value]
  delete state.grants[id]
  return [204]
}

const rotate = ({ token, grantId }) => {
  delete state.tokens[token]
  return [200, { access_token: issue(grantId) }]
}

// -- Resource server --------------------------------------------------------------------------------------------------

const stored = (things, id) => {
  refuseUnless(things[id], 404, 'not_found')
  return things[id]
}
const created = () => new Date(now()).toISOString()

const createIncoming = ({ body }) => {
  const wallet = named(body.walletAddress)
  refuseUnless(WALLETS[wallet], 403, 'forbidden')
  const id = randomUUID()
  const payment = {
    id: `${origin}/op/incoming-payments/${id}`,
    ...body,
    completed: false,
    receivedAmount: amount(0, wallet),
    createdAt: created(),
    methods: [{ type: 'ilp', ilpAddress: `test.${wallet}`, sharedSecret: 'c2VjcmV0' }]
  }
  state.incoming[id] = payment
  return [201, payment]
}

const publicIncoming = ({ id }) => {
  const { receivedAmount } = stored(state.incoming, id)
  return [200, { receivedAmount, authServer: `${origin}/auth` }]
}

const createQuote = ({ body, grant }) => {
  const incoming = stored(state.incoming, last(body.receiver))
  refuseUnless(named(body.walletAddress) === grant.client, 403, 'forbidden')
  refuseUnless(!incoming.completed, 400, 'completed')
  const value = Number((body.debitAmount ?? body.receiveAmount ?? incoming.incomingAmount).value)
  const { fee = 0, surcharge = 0, receiver = body.receiver } = state
  const id = randomUUID()
  const quote = {
    id: `${origin}/op/quotes/${id}`,
    walletAddress: body.walletAddress,
    receiver,
    method: body.method,
    debitAmount: amount(body.debitAmount ? value + surcharge : value + fee, grant.client),
    receiveAmount: amount(body.debitAmount ? value - fee : value, named(incoming.walletAddress)),
    createdAt: created(),
    expiresAt: new Date(now() + QUOTE_MS).toISOString()
  }
  state.quotes[id] = quote
  return [201, quote]
}

// Whether a grant with `limits {debitAmount, interval: Rn/start/P1M}` has room for an amount.
const hasRoom = (grantId, debit) => {
  const { limits } = state.grants[grantId].access.find(({ type }) => type === 'outgoing-payment')
  if (!limits?.debitAmount) return true
  const [, times, start] = limits.interval.match(/^R(\d+)\/(.+)\/P1M$/)
  const begin = (nth) => {
    const date = new Date(start)
    date.setUTCMonth(date.getUTCMonth() + nth)
    return date.getTime()
  }
  const nth = [...Array(Number(times)).keys()].find((n) => begin(n) <= now() && now() < begin(n + 1))
  if (nth === undefined) return false
  const spent = Object.values(state.outgoing)
    .filter((paid) => paid.grant === grantId && Date.parse(paid.createdAt) >= begin(nth))
    .reduce((sum, paid) => sum + Number(paid.debitAmount.value), 0)
  return spent + Number(debit.value) <= Number(limits.debitAmount.value)
}

const createOutgoing = ({ body, grant, grantId }) => {
  const quote = stored(state.quotes, last(body.quoteId))
  refuseUnless(named(body.walletAddress) === grant.client, 403, 'forbidden')
  refuseUnless(!quote.paid, 400, 'quote_was_paid')
  refuseUnless(Date.parse(quote.expiresAt) > now(), 400, 'quote_expired')
  refuseUnless(hasRoom(grantId, quote.debitAmount), 403, 'insufficient_grant')
  const id = randomUUID()
  quote.paid = true
  const { receiver, debitAmount, receiveAmount, walletAddress } = quote
  state.outgoing[id] = {
    id: `${origin}/op/outgoing-payments/${id}`,
    ...{ walletAddress, quoteId: quote.id, receiver, debitAmount, receiveAmount, metadata: body.metadata },
    failed: false,
    sentAmount: amount(0, grant.client),
    createdAt: created(),
    grant: grantId,
    looks: state.settle_after ?? 0
  }
  return [201, outgoing(id)]
}

// Tells of a payment; it arrives after it was looked at `settle_after` times.
const outgoing = (id) => {
  const { grant, looks, ...payment } = stored(state.outgoing, id)
  if (state.fail) {
    state.outgoing[id].failed = payment.failed = true
  } else if (looks > 0) {
    state.outgoing[id].looks -= 1
  } else if (payment.sentAmount.value === '0') {
    const incoming = state.incoming[last(payment.receiver)]
    incoming.receivedAmount.value = String(Number(incoming.receivedAmount.value) + Number(payment.receiveAmount.value))
    incoming.completed = incoming.receivedAmount.value === incoming.incomingAmount?.value
    payment.sentAmount = { ...payment.sentAmount, value: payment.receiveAmount.value }
    state.outgoing[id].sentAmount = payment.sentAmount
  }
  return payment
}

const listOutgoing = ({ query, grant }) => {
  refuseUnless(named(query['wallet-address']) === grant.client, 403, 'forbidden')
  const all = Object.keys(state.outgoing).reverse()
  const from = query.cursor ? all.indexOf(query.cursor) + 1 : 0
  const page = all.slice(from, from + Math.min(Number(query.first ?? PAGE), PAGE))
  const pagination = { hasNextPage: from + page.length < all.length, hasPreviousPage: from > 0 }
  if (page.length) Object.assign(pagination, { startCursor: page[0], endCursor: page.at(-1) })
  return [200, { pagination, result: page.map(outgoing) }]
}

const withoutMark = ({ paid, ...quote }) => quote
const walletAddress = ({ id }) => {
  if (!WALLETS[id]) return [404]
  const { assetCode, assetScale } = amount(0, id)
  const { authServer = `${origin}/auth` } = state
  return [200, { id: `${origin}/${id}`, assetCode, assetScale, authServer, resourceServer: `${origin}/op` }]
}

// -- What is checked of every request ---------------------------------------------------------------------------------

const [addressSpec, authSpec, resourceSpec] = await Promise.all([
  specs.getWalletAddressServerOpenAPI(),
  specs.getAuthServerOpenAPI(),
  specs.getResourceServerOpenAPI()
])
// Who must sign: nobody, the client that the body names, who holds a continuation, a token at its manager, or a token
// with this right.
const routes = [
  ['GET', /^\/(alice|bob|carol|nobody)$/, addressSpec, '/', 'nobody', walletAddress],
  ['GET', /^\/(\w+)\/jwks\.json$/, addressSpec, '/jwks.json', 'nobody', ({ id }) => [200, { keys: state.keys[id] ?? [] }]],
  ['POST', /^\/auth\/?$/, authSpec, '/', 'client', requestGrant],
  ['POST', /^\/auth\/continue\/(.+)$/, authSpec, '/continue/{id}', 'continuation', continueGrant],
  ['DELETE', /^\/auth\/continue\/(.+)$/, authSpec, '/continue/{id}', 'continuation', cancelGrant],
  ['POST', /^\/auth\/token\/(.+)$/, authSpec, '/token/{id}', 'manager', rotate],
  ['POST', /^\/op\/incoming-payments$/, resourceSpec, '/incoming-payments', 'incoming-payment create', createIncoming],
  ['GET', /^\/op\/incoming-payments\/(.+)$/, resourceSpec, '/incoming-payments/{id}', 'nobody', publicIncoming],
  ['POST', /^\/op\/quotes$/, resourceSpec, '/quotes', 'quote create', createQuote],
  ['GET', /^\/op\/quotes\/(.+)$/, resourceSpec, '/quotes/{id}', 'quote read', ({ id }) => [200, withoutMark(stored(state.quotes, id))]],
  ['POST', /^\/op\/outgoing-payments$/, resourceSpec, '/outgoing-payments', 'outgoing-payment create', createOutgoing],
  ['GET', /^\/op\/outgoing-payments$/, resourceSpec, '/outgoing-payments', 'outgoing-payment list', listOutgoing],
  ['GET', /^\/op\/outgoing-payments\/(.+)$/, resourceSpec, '/outgoing-payments/{id}', 'outgoing-payment read', ({ id }) => [200, outgoing(id)]]
].map(([method, pattern, spec, path, signer, act]) => {
  const options = { path, method: method.toLowerCase() }
  const { responses } = spec.paths[path][options.method]
  return {
    ...{ method, pattern, signer, act, declared: Object.keys(responses).map(Number) },
    request: spec.createRequestValidator(options),
    response: spec.createResponseValidator(options)
  }
})

const complaint = (validate, what) => {
  try {
    validate(what)
    return 'ok'
  } catch ({ errors, message }) {
    return JSON.stringify(errors ?? message)
  }
}

// Finds the grant a request is made under, and whose keys must have signed it.
const signedBy = ({ signer }, { body, id, token }) => {
  if (signer === 'client') return { client: named(body?.client?.walletAddress ?? body?.client) }
  const held = state.tokens[token]
  refuseUnless(signer !== 'manager' || held?.manage === id, 404, 'invalid_rotation')
  const grantId = signer === 'continuation' ? id : held?.grant
  const grant = state.grants[grantId]
  refuseUnless(grant, 401, 'invalid_token')
  return { client: grant.client, grantId, grant, expires: held?.expires ?? Infinity }
}

const checkRight = ({ signer }, { grant, expires }) => {
  const [type, action] = signer.split(' ')
  if (!action) return
  refuseUnless(expires > now(), 401, 'invalid_token')
  refuseUnless(grant.access.some((item) => item.type === type && item.actions.includes(action)), 403, 'forbidden')
}

const answer = async (route, request, entry) => {
  entry.schema = complaint(route.request, request)
  refuseUnless(entry.schema === 'ok', 400, 'invalid_request')
  if (route.signer === 'nobody') {
    entry.signature = 'not needed'
    return route.act(request)
  }
  const by = signedBy(route, request)
  const key = (state.keys[by.client] ?? []).find(({ kid }) => kid === getKeyId(request.headers['signature-input'] ?? ''))
  entry.signature = key && (await validateSignature(key, { ...request, body: request.raw })) ? 'valid' : 'invalid'
  refuseUnless(entry.signature === 'valid', 401, 'invalid_client')
  checkRight(route, by)
  return route.act({ ...request, ...by })
}

const handle = async (incoming, raw) => {
  const url = new URL(incoming.url, origin)
  const { method, headers } = incoming
  if (url.pathname === '/control') {
    if (method === 'POST') Object.assign(state, JSON.parse(raw))
    return [200, state]
  }
  if (url.pathname.startsWith('/interact/')) {
    const to = interact(last(url.pathname), url.searchParams.get('choice'))
    return [302, undefined, { Location: to }]
  }
  const route = routes.find((one) => one.method === method && one.pattern.test(url.pathname))
  const entry = { method, path: url.pathname, signature: 'none', schema: 'unknown', answer: 'unchecked' }
  state.log.push(entry)
  const id = route?.pattern.exec(url.pathname)[1]
  const next = state.next[`${method} ${url.pathname}`]
  delete state.next[`${method} ${url.pathname}`]
  if (next === 'ignore') return [0]
  const request = {
    ...{ method, raw, headers, id, url: url.toString(), body: raw ? JSON.parse(raw) : undefined },
    query: Object.fromEntries(url.searchParams),
    params: { id },
    token: headers.authorization?.replace('GNAP ', '')
  }
  const [status, body] = await (route ? answer(route, request, entry) : Promise.reject(new Refusal(404, 'not_found'))).catch(
    (error) => {
      if (!(error instanceof Refusal)) throw error
      return [error.status, error.body]
    }
  )
  entry.status = status
  if (route?.declared.includes(status) && body) entry.answer = complaint(route.response, { status, body })
  if (next === 'lose') return [0]
  if (next === 'die') return [-1]
  if (next?.slow_ms) await new Promise((done) => setTimeout(done, next.slow_ms))
  if (next?.status) return [next.status, { error: { code: 'injected', description: 'injected' } }]
  return [status, body]
}

const server = createServer(async (request, response) => {
  const pieces = []
  for await (const piece of request) pieces.push(piece)
  let result
  try {
    result = await handle(request, Buffer.concat(pieces).toString())
  } catch (error) {
    console.error(error)
    result = [500, { error: { code: 'request_denied', description: 'internal' } }]
  }
  const [status, body, headers] = result
  save()
  if (status === -1) process.kill(process.pid, 'SIGKILL')
  if (status === 0) return request.socket.destroy()
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
  response.end(body && JSON.stringify(body))
})
server.listen(Number(wantedPort ?? 0), '127.0.0.1', () => {
  origin = `http://127.0.0.1:${server.address().port}`
  console.log(server.address().port)
})
