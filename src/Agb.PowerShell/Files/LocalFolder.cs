using System.Security.Cryptography;

namespace Agb.PowerShell;

/// <summary>A folder of this machine as the destination of a context's files. Names and links from the service can't lead
/// outside of it, and a file appears whole or not at all.</summary>
/// <param name="root">The full path of the folder.</param>
internal sealed class LocalFolder(string root)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int BlockSize = 128 * 1024;

    private readonly HashSet<string> _safe = new(StringComparer.Ordinal);

    /// <summary>The full local path of a path below the folder. Missing parents are created; a link as a parent is an
    /// error.</summary>
    /// <exception cref="AgbException">InvalidPath, WrongFileType.</exception>
    internal string Prepare(string path)
    {
        var parts = path.Split('/');
        foreach (var part in parts)
        {
            if (part is "" or "." or ".." || part.Contains('\0'))
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidPath, $"The service tells of a file named '{path.Replace("\0", "\\0")}', which would lie outside of '{root}'.",
                    "Nothing was written for it. Do not trust this service.", path);
            }
        }
        if (!_safe.Contains(root))
        {
            Directory.CreateDirectory(root);
            _safe.Add(root);
        }
        var directory = root;
        foreach (var part in parts[..^1])
        {
            directory = Path.Combine(directory, part);
            if (!_safe.Contains(directory))
            {
                RequireDirectory(directory);
                _safe.Add(directory);
            }
        }
        return Path.Combine(directory, parts[^1]);
    }

    /// <summary>Creates a directory, or takes an existing one. Other users have no access until it is finished.</summary>
    /// <param name="path">The path below the folder.</param>
    /// <param name="mode">The mode of the finished directory; null if unknown.</param>
    internal string MakeDirectory(string path, int? mode)
    {
        var full = Prepare(path);
        if (mode is null || OperatingSystem.IsWindows())
        {
            RequireDirectory(full);
            return full;
        }
        var isNew = !Directory.Exists(full);
        RequireDirectory(full);
        if (isNew)
        {
            File.SetUnixFileMode(full, OwnerOnly);
        }
        else if (File.GetUnixFileMode(full) is var there && (there & OwnerOnly) != OwnerOnly)
        {
            // Otherwise its content could not be written.
            File.SetUnixFileMode(full, there | OwnerOnly);
        }
        return full;
    }

    /// <summary>Sets a directory's mode and time, after its content is complete.</summary>
    /// <param name="full">The result of <see cref="MakeDirectory"/>.</param>
    /// <param name="directory">The directory as listed.</param>
    internal static void FinishDirectory(string full, AgbContextFile directory)
    {
        if (new DirectoryInfo(full) is not { Exists: true, LinkTarget: null })
        {
            return;
        }
        if (directory.ModifiedAt != default)
        {
            Directory.SetLastWriteTimeUtc(full, directory.ModifiedAt.UtcDateTime);
        }
        if (directory.Mode is { } mode)
        {
            Platform.SetMode(full, mode);
        }
    }

    /// <summary>Creates a link within the folder.</summary>
    /// <exception cref="AgbException">InvalidPath: the link would lead out of it.</exception>
    internal string MakeLink(string path, string target)
    {
        var full = Prepare(path);
        // ".." is only safe after parents that are not links, at the beginning of the target.
        var parts = target.Split('/');
        var up = parts.TakeWhile(p => p == "..").Count();
        if (target.Length == 0 || target[0] == '/' || target.Contains('\0') || up > path.Count(c => c == '/') || parts.Skip(up).Contains(".."))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidPath, $"The link '{path}' points to '{target}', outside of '{root}'.",
                "The link was left out. Read its target from the context itself.", path);
        }
        RequireNoDirectory(full);
        // Not through a temporary name: File.Move looks at the link's target, which may be a directory or missing.
        File.Delete(full);
        File.CreateSymbolicLink(full, target);
        return full;
    }

    /// <summary>Whether the file exists already, with the same size and time.</summary>
    internal static bool IsThere(string full, AgbContextFile file) =>
        new FileInfo(full) is { Exists: true, LinkTarget: null } there
        && there.Length == file.Size && TreeEntry.IsSameTime(new DateTimeOffset(there.LastWriteTimeUtc, TimeSpan.Zero), file.ModifiedAt);

    /// <summary>Writes a file under a temporary name and moves it into place when it is whole.</summary>
    /// <param name="full">The result of <see cref="Prepare"/>.</param>
    /// <param name="file">The file as listed.</param>
    /// <param name="resume">Continue the partial file of an earlier call, and keep it if this call does not end.</param>
    /// <param name="open">Opens the content from an offset.</param>
    /// <param name="wrote">Receives the number of bytes present now, earlier ones included.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    internal static async Task WriteFileAsync(
        string full, AgbContextFile file, bool resume, Func<long, CancellationToken, Task<AgbContextFileContent>> open,
        Action<long> wrote, CancellationToken cancellationToken)
    {
        RequireNoDirectory(full);
        var part = TemporaryName(full, file.ETag ?? "");
        var isWhole = false;
        try
        {
            // Only a tag proves that the partial file belongs to the same content.
            var offset = resume && file.ETag is not null && new FileInfo(part) is { Exists: true, LinkTarget: null } found && found.Length <= file.Size
                ? found.Length
                : 0;
            var content = await open(offset, cancellationToken).ConfigureAwait(false);
            if (offset > 0 && content.File.ETag != file.ETag)
            {
                await content.DisposeAsync().ConfigureAwait(false);
                offset = 0;
                content = await open(0, cancellationToken).ConfigureAwait(false);
            }
            await using (content.ConfigureAwait(false))
            {
                wrote(offset);
                await CopyAsync(content, part, offset, wrote, cancellationToken).ConfigureAwait(false);
                file = content.File;
            }
            if (file.Mode is { } mode)
            {
                Platform.SetMode(part, mode);
            }
            File.SetLastWriteTimeUtc(part, file.ModifiedAt.UtcDateTime);
            File.Move(part, full, overwrite: true);
            isWhole = true;
        }
        finally
        {
            if (!isWhole && !resume)
            {
                File.Delete(part);
            }
        }
    }

    private static async Task CopyAsync(
        AgbContextFileContent content, string part, long offset, Action<long> wrote, CancellationToken cancellationToken)
    {
        if (offset == 0)
        {
            // An existing entry may be a link placed by another user.
            File.Delete(part);
        }
        var options = new FileStreamOptions
        {
            Mode = offset == 0 ? FileMode.CreateNew : FileMode.Open,
            Access = FileAccess.Write,
            Options = FileOptions.Asynchronous,
        };
        await using var target = new FileStream(part, offset == 0 ? Platform.OwnerOnly(options) : options);
        target.Seek(offset, SeekOrigin.Begin);
        var buffer = new byte[BlockSize];
        int read;
        while ((read = await content.Content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            wrote(read);
        }
        if (target.Position != content.File.Size)
        {
            throw new AgbException(
                AgbErrorIds.ConnectionFailed, AgbErrorKind.Failed,
                $"The content of '{content.File.Path}' ended after {target.Position} of {content.File.Size} bytes.",
                "Receive it again; -Resume goes on where this ended.", content.File);
        }
        await target.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The temporary name of a file. The same content has the same name, so that a later call finds it.</summary>
    private static string TemporaryName(string full, string tag)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{Path.GetFileName(full)}\0{tag}"));
        return Path.Combine(Path.GetDirectoryName(full)!, $".agb-{Convert.ToHexStringLower(hash)[..24]}.part");
    }

    private static void RequireDirectory(string full)
    {
        var info = new DirectoryInfo(full);
        if (info.LinkTarget is not null)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidPath, $"'{full}' is a link, and a file written through it would lie elsewhere.",
                "Remove the link, or choose another destination.", full);
        }
        if (File.Exists(full))
        {
            throw Wrong($"'{full}' is a file on this machine, and a directory in the context.", full);
        }
        info.Create();
    }

    private static void RequireNoDirectory(string full)
    {
        if (new DirectoryInfo(full) is { Exists: true, LinkTarget: null })
        {
            throw Wrong($"'{full}' is a directory on this machine, but not in the context.", full);
        }
    }

    private static AgbException Wrong(string message, string path) => new(
        AgbErrorIds.WrongFileType, AgbErrorKind.InvalidInput, message, "Move it away, or choose another destination.", path);
}
