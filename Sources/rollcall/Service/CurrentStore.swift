import ContactStore
import Synchronization

/// The store that the services use: another one once a damaged one was replaced.
final class CurrentStore: Sendable {
    private let store: Mutex<ContactStore>

    init(_ store: ContactStore) { self.store = Mutex(store) }

    var value: ContactStore {
        get { store.withLock { $0 } }
        set { store.withLock { $0 = newValue } }
    }
}
