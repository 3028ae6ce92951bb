namespace Agb.PowerShell;

/// <summary>Reads single files of this machine; errors name the file.</summary>
internal static class LocalFile
{
    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="what">The file's role for the caller, such as <c>script</c>.</param>
    /// <exception cref="AgbException">FileNotFound, WrongFileType, AccessDenied.</exception>
    internal static FileStream Open(string path, string what)
    {
        if (Directory.Exists(path))
        {
            throw new AgbException(
                AgbErrorIds.WrongFileType, AgbErrorKind.InvalidInput, $"The {what} '{path}' is a directory.", "Give a file of this machine.", path);
        }
        return Guard(path, what, () => LocalTree.OpenRead(path));
    }

    /// <summary>Writes a whole file, or nothing: an existing file is replaced at the end.</summary>
    /// <exception cref="AgbException">FileNotFound, AccessDenied, WrongFileType.</exception>
    internal static async Task<FileInfo> WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
        {
            throw new AgbException(AgbErrorIds.WrongFileType, AgbErrorKind.InvalidInput, $"The file '{path}' is a directory.", "Name a file in it.", path);
        }
        var part = Path.Combine(Path.GetDirectoryName(path) ?? "/", $".{Guid.NewGuid():n}.part");
        try
        {
            await File.WriteAllBytesAsync(part, content, cancellationToken).ConfigureAwait(false);
            File.Move(part, path, overwrite: true);
            return new FileInfo(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgbException(
                e is UnauthorizedAccessException ? AgbErrorIds.AccessDenied : AgbErrorIds.FileNotFound,
                e is UnauthorizedAccessException ? AgbErrorKind.PermissionDenied : AgbErrorKind.Failed,
                $"The file '{path}' can't be written.", "Name a file in a directory that you may change.", path, e);
        }
        finally
        {
            if (File.Exists(part))
            {
                File.Delete(part);
            }
        }
    }

    /// <summary>Reads a file, and translates read errors.</summary>
    /// <exception cref="AgbException">FileNotFound, AccessDenied.</exception>
    internal static T Guard<T>(string path, string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgbException(
                e is UnauthorizedAccessException ? AgbErrorIds.AccessDenied : AgbErrorIds.FileNotFound,
                e is UnauthorizedAccessException ? AgbErrorKind.PermissionDenied : AgbErrorKind.NotFound,
                $"The {what} '{path}' can't be read.", "Give a file of this machine that you may read.", path, e);
        }
    }
}
