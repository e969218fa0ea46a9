/// The program's own version, as it stands in every manifest.
package enum RollcallVersion {
    package static let current = "0.1.0"
}
