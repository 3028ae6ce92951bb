namespace Agb.Linux;

/// <summary>Replaces whole files: a reader sees the old or the new content.</summary>
public static class AtomicFile
{
    private const UnixFileMode Default = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Read and write access for the owner alone.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Replaces a file, or makes it.</summary>
    /// <param name="path">The file. Its directory exists.</param>
    /// <param name="content">The content.</param>
    /// <param name="mode">Permissions, less this process's mask.</param>
    /// <param name="flush">Whether the content is on the device before it has the name, so that a power cut leaves no empty file.</param>
    /// <param name="isExact">Whether the permissions hold whatever this process's mask.</param>
    /// <exception cref="IOException">The old content stays.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode mode = Default, bool flush = false, bool isExact = false)
    {
        var draft = $"{path}.{Guid.NewGuid():n}";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode, BufferSize = 0 };
            FaultSeam.Before("create", draft);
            using (var file = new FileStream(draft, options))
            {
                FaultSeam.Before("write", draft);
                file.Write(content);
                if (isExact)
                {
                    File.SetUnixFileMode(file.SafeFileHandle, mode);
                }
                if (flush)
                {
                    file.Flush(flushToDisk: true);
                }
            }
            FaultSeam.Before("rename", draft);
            File.Move(draft, path, overwrite: true);
        }
        catch
        {
            Remove(draft);
            throw;
        }
    }

    // The first error counts: a device that failed may be read-only by now.
    private static void Remove(string draft)
    {
        try
        {
            File.Delete(draft);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
