import { Bridge } from '#node/appservices/testing/bridge.ts'

/** An application service that bridges to IRC, where nobody is. */
export function ircBridge(): Bridge {
  const bridge = new Bridge('irc')
  bridge.reply = (response, { path }) => {
    const isProtocol = path.endsWith('/protocol/irc')
    const protocol = { user_fields: [], location_fields: [], icon: '', field_types: {}, instances: [] }
    const isList = path.includes('/thirdparty/') && !isProtocol
    response.writeHead(200).end(JSON.stringify(isProtocol ? protocol : isList ? [] : {}))
  }
  return bridge
}
