/// An array that lives as long as the process and never changes. Reading an element neither counts references nor checks
/// bounds in a release build: indices come from the generated tables alone. Debug builds check every one.
///
/// Unchecked `Sendable`: the memory is written before the value exists and never again.
struct ConstantArray<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    private let memory: UnsafePointer<Element>
    let count: Int

    init(_ elements: [Element]) {
        let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(elements.count, 1))
        _ = copy.initialize(from: elements)
        memory = UnsafePointer(copy.baseAddress.unsafelyUnwrapped)  // a buffer of one element or more has an address
        count = elements.count
    }

    subscript(index: Int) -> Element {
        assert(index >= 0 && index < count)
        return memory[index]
    }
}
