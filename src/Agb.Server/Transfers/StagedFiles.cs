using System.Security.Cryptography;

namespace Agb.Server;

/// <summary>Staged files for a session: stored by a presigned PUT, delivered into the session by a sync. Names on disk do not
/// contain the file's path.</summary>
internal sealed class StagedFiles(SessionMetadata notes)
{
    private const string PathSuffix = ".path";
    private const string DraftSuffix = ".part";

    /// <summary>Stores a file.</summary>
    internal async Task PutAsync(string sessionId, string path, Stream content, CancellationToken cancellationToken)
    {
        var place = PlaceOf(sessionId, path);
        PrivateFile.MakeDirectory(Path.GetDirectoryName(Path.GetDirectoryName(place)!)!);
        PrivateFile.MakeDirectory(Path.GetDirectoryName(place)!);
        var draft = $"{place}.{Guid.NewGuid():n}{DraftSuffix}";
        try
        {
            var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write);
            await using (file.ConfigureAwait(false))
            {
                await content.CopyToAsync(file, cancellationToken).ConfigureAwait(false);
            }
            PrivateFile.Replace(place + PathSuffix, System.Text.Encoding.UTF8.GetBytes(path));
#pragma warning disable RS0030 // The client repeats an upload lost in a power cut.
            File.Move(draft, place, overwrite: true);
#pragma warning restore RS0030
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>Opens a file; null if missing.</summary>
    internal FileStream? Open(string sessionId, string path)
    {
        try
        {
            return File.OpenRead(PlaceOf(sessionId, path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Removes a file, if present.</summary>
    internal void Delete(string sessionId, string path)
    {
        var place = PlaceOf(sessionId, path);
        if (File.Exists(place))
        {
            File.Delete(place);
            File.Delete(place + PathSuffix);
        }
    }

    /// <summary>The paths of the files at or below a directory.</summary>
    internal IReadOnlyList<string> Below(string sessionId, string directory)
    {
        var staging = notes.TransferDirectory(sessionId);
        return !Directory.Exists(staging)
            ? []
            :
            [
                .. Directory.EnumerateFiles(staging, "*" + PathSuffix)
                    .Where(f => File.Exists(f[..^PathSuffix.Length]))
                    .Select(ReadPath)
                    .OfType<string>()
                    .Where(p => LinuxPath.IsAtOrBelow(p, directory))
                    .Order(StringComparer.Ordinal),
            ];
    }

    private static string? ReadPath(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Delivered into the session or removed since the directory was listed.
            return null;
        }
    }

    private string PlaceOf(string sessionId, string path) => Path.Combine(
        notes.TransferDirectory(sessionId), Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(path))));
}
