namespace Agb;

/// <summary>Files of contexts, read and changed without a session. Part of <see cref="IAgbService"/>.</summary>
/// <remarks>A given version is NotSupported by services without <see cref="AgbCapabilities.ContextVersions"/>.</remarks>
public interface IAgbFiles
{
    /// <summary>Lists the files in a directory of a context, by name. Lookups happen only as the result is read.</summary>
    /// <exception cref="AgbException">ContextNotFound, VersionNotFound, InvalidPath. A path without stored data gives an empty
    /// list.</exception>
    IAsyncEnumerable<AgbContextFile> ListContextFilesAsync(
        ContextId contextId, AgbContextFileQuery query, CancellationToken cancellationToken = default);

    /// <summary>Gets one file, directory or link of a context. Links are not followed.</summary>
    /// <returns>The entry.</returns>
    /// <exception cref="AgbException">ContextNotFound, VersionNotFound, FileNotFound, InvalidPath.</exception>
    Task<AgbContextFile> GetContextFileAsync(
        ContextId contextId, string path, long? version = null, CancellationToken cancellationToken = default);

    /// <summary>Finds one file, directory or link in the newest version of a context given by id or name.</summary>
    /// <remarks>Services with one call for it save the lookup of the id before <see cref="GetContextFileAsync"/>.</remarks>
    /// <returns>The entry.</returns>
    /// <exception cref="AgbException">ContextNotFound, FileNotFound, InvalidPath.</exception>
    Task<AgbContextFile> FindContextFileAsync(string idOrName, string path, CancellationToken cancellationToken = default);

    /// <summary>Opens a file of a context for reading. The bytes stay those of the opened version.</summary>
    /// <param name="contextId">The context.</param>
    /// <param name="path">The absolute path in the context. Links are not followed.</param>
    /// <param name="version">The version to read; null for the newest.</param>
    /// <param name="offset">The start in bytes; empty content at or behind the end.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <returns>The file and its bytes.</returns>
    /// <exception cref="AgbException">ContextNotFound, VersionNotFound, FileNotFound, WrongFileType, InvalidPath.</exception>
    Task<AgbContextFileContent> OpenContextFileAsync(
        ContextId contextId, string path, long? version = null, long offset = 0, CancellationToken cancellationToken = default);

    /// <summary>Changes files of a context without a session. Services with <see cref="AgbCapabilities.ContextVersions"/> make one
    /// version of all changes, or none if one fails; others make each change separately.</summary>
    /// <returns>The new version, or null if nothing changed or the service has no versions.</returns>
    /// <exception cref="AgbException">ContextNotFound, InvalidPath, FileNotFound, WrongFileType, NoSpace, ReadOnlyStore.</exception>
    Task<AgbContextVersion?> ChangeContextFilesAsync(
        ContextId contextId, IAsyncEnumerable<AgbContextFileChange> changes, CancellationToken cancellationToken = default);
}
