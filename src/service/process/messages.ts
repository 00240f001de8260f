/** What goes to a supervised child, as its owner's orders and the question whether it lives. */
export type ToChild<Order> = { readonly order: Order } | { readonly ping: true };

/** What comes from it. Typed arrays and buffers travel as they are. */
export type FromChild<Message> = { readonly message: Message } | { readonly residentBytes: number };
