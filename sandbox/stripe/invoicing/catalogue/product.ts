/** Products: the operations. */
import type Stripe from 'stripe'
import { refuse } from '../../errors.ts'
import { getByParameter, getByPath } from '../../parts/reference.ts'
import { listPage, pagination } from '../../protocol/lists.ts'
import { operation, plain, shown } from '../../protocol/operation.ts'
import type { ObjectModule } from '../../protocol/operation.ts'
import {
  changeMetadata,
  clearable,
  flag,
  group,
  isWithin,
  list,
  metadata,
  objectId,
  oneOf,
  range,
  required,
  text,
  url,
} from '../../protocol/parameters.ts'
import type { Values } from '../../protocol/parameters.ts'
import { emit } from '../../objects/event.ts'
import type { Row } from '../../world/kinds.ts'
import type { Space } from '../../world/space.ts'
import { changeProduct, createProduct } from './records.ts'

const features = list(group({ name: required(text(80)) }), { max: 15 })
const images = list(url(), { max: 8 })

const creating = {
  active: flag(),
  description: text(),
  id: text(255),
  images,
  marketing_features: features,
  metadata: metadata(),
  name: required(text(250)),
  shippable: flag(),
  statement_descriptor: text(22),
  type: oneOf('service'),
  unit_label: text(12),
  url: url(),
}

const changing = {
  active: flag(),
  default_price: objectId(),
  description: clearable(text()),
  images: clearable(images),
  marketing_features: clearable(features),
  metadata: metadata(),
  name: text(250),
  shippable: flag(),
  statement_descriptor: text(22),
  unit_label: clearable(text(12)),
  url: clearable(url()),
}

const unbuilt = ['package_dimensions', 'tax_code', 'tax_details']

function change(space: Space, before: Row<'product'>, params: Values<typeof changing>): Partial<Stripe.Product> {
  const { metadata: tags, default_price: price, images: pictures, marketing_features: selling, ...named } = params
  if (price !== undefined) checkDefaultPrice(space, before.id, price)
  const given = Object.fromEntries(
    Object.entries(named).filter(([name, value]) => Object.hasOwn(changing, name) && value !== undefined),
  )
  return {
    ...given,
    metadata: changeMetadata(before.object.metadata, tags),
    ...(price !== undefined && { default_price: price }),
    ...(pictures !== undefined && { images: [...(pictures ?? [])] }),
    ...(selling !== undefined && { marketing_features: [...(selling ?? [])] }),
  }
}

function checkDefaultPrice(space: Space, product: string, price: string): void {
  const { object } = getByParameter(space, 'price', { id: price, param: 'default_price' })
  if (object.product !== product) {
    throw refuse(`The price ${price} does not belong to the product ${product}.`, { param: 'default_price' })
  }
}

export const products: ObjectModule = {
  prefixes: { prod: 'product' },
  expansions: { product: { default_price: 'price' } },
  operations: [
    operation({
      method: 'POST',
      path: '/v1/products',
      permission: 'product_write',
      parameters: creating,
      unsupported: ['default_price_data', ...unbuilt],
      run(call) {
        const { params } = call
        const row = createProduct(call.space, {
          id: params.id,
          name: params.name,
          isActive: params.active ?? true,
          metadata: changeMetadata({}, params.metadata),
          description: params.description,
          images: params.images,
          features: params.marketing_features,
          isShippable: params.shippable,
          statementDescriptor: params.statement_descriptor,
          unitLabel: params.unit_label,
          url: params.url,
        })
        return shown(row)
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/products',
      permission: 'product_read',
      parameters: {
        ...pagination,
        active: flag(),
        created: range(),
        ids: list(objectId()),
        shippable: flag(),
        type: oneOf('good', 'service'),
        url: url(),
      },
      run(call) {
        const { active, created, ids, shippable, type, url: address } = call.params
        return listPage(call, {
          kind: 'product',
          url: '/v1/products',
          where: ({ object }) =>
            isWithin(object.created, created) &&
            (active === undefined || object.active === active) &&
            (ids === undefined || ids.includes(object.id)) &&
            (shippable === undefined || object.shippable === shippable) &&
            (type === undefined || object.type === type) &&
            (address === undefined || object.url === address),
        })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/products/:id',
      permission: 'product_read',
      parameters: {},
      run: (call) => shown(getByPath(call, 'product')),
    }),
    operation({
      method: 'POST',
      path: '/v1/products/:id',
      permission: 'product_write',
      parameters: changing,
      unsupported: unbuilt,
      run(call) {
        const before = getByPath(call, 'product')
        return shown(changeProduct(call.space, before, change(call.space, before, call.params)))
      },
    }),
    operation({
      method: 'DELETE',
      path: '/v1/products/:id',
      permission: 'product_write',
      parameters: {},
      run(call) {
        const { id: product, object } = getByPath(call, 'product')
        if (!call.space.newestFirst('price', { by: ['product', product] }).next().done)
          throw refuse('This product cannot be deleted because it has one or more user-created prices.')
        call.space.remove('product', product)
        emit(call.space, { type: 'product.deleted', object })
        return plain({ id: product, object: 'product', deleted: true })
      },
    }),
  ],
}
