using System.IO.Hashing;

namespace Agb.Store;

/// <summary>Checks the contents of large files: each has a form to be read in, and with a deep check its bytes are the stored ones.</summary>
internal sealed class LargeCheck(
    StorePaths paths, AgbStoreCheckOptions options, CatalogSnapshot snapshot, Findings found, CancellationToken cancellationToken)
{
    private const string SumSuffix = ".sum";
    private const int BufferSize = 1 << 20;

    private readonly LargeFiles _files = new(paths);
    private readonly HashSet<string> _shown = LargeCollector.Shown(paths, snapshot.Stacks);
    private readonly HashSet<string> _checked = new(StringComparer.Ordinal);

    /// <summary>Checks the contents of one layer.</summary>
    internal void Check(string layerId)
    {
        LargeIndex index;
        try
        {
            index = LargeIndex.Load(paths.Layer(layerId));
        }
        catch (Exception e) when (e is AgbException { ErrorId: AgbErrorIds.StoreCorrupt } or IOException && !Exhaustion.Is(e))
        {
            found.Add(snapshot.Of(layerId, AgbStoreProblemKind.EntryUnreadable, null, $"the record layers/{layerId}/{LargeIndex.FileName}", e.Message));
            return;
        }
        // A content hidden in all versions is removed before its layer.
        foreach (var (path, id) in index.Ids.Where(e => _shown.Contains(e.Value)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var shown = LayerComparison.Shown(path);
            try
            {
                if (!HasForm(id))
                {
                    found.Add(snapshot.Of(layerId, AgbStoreProblemKind.EntryMissing, shown, $"a content in large/{id}", "none that can be read"));
                }
                else if (options.Deep && _checked.Add(id) && Damage(id) is { } damage)
                {
                    found.Add(snapshot.Of(layerId, AgbStoreProblemKind.ContentChanged, shown, damage.Expected, damage.Found));
                }
            }
            catch (IOException e) when (!Exhaustion.Is(e))
            {
                found.Add(snapshot.Of(layerId, AgbStoreProblemKind.EntryUnreadable, shown, "content that can be read", e.Message));
            }
        }
    }

    private bool HasForm(string id)
    {
        if (!_files.HasAny)
        {
            return false;
        }
        try
        {
            _files.Open(id).Dispose();
            return true;
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.StoreCorrupt)
        {
            return false;
        }
    }

    private (string Expected, string Found)? Damage(string id)
    {
        using var large = _files.OpenDirectory();
        using (var delta = LargeFiles.TryOpenDelta(large, id))
        {
            try
            {
                delta?.Verify();
            }
            catch (AgbException)
            {
                return ($"the bytes of large/{id}{LargeFiles.DeltaSuffix} with their hash", "other bytes");
            }
        }
        return _files.IsWhole(id) ? DamageOfWhole(id) : null;
    }

    /// <summary>Compares a whole file with its hash, taken at the first deep check.</summary>
    private (string Expected, string Found)? DamageOfWhole(string id)
    {
        var (hash, sum) = (Hash(id), Path.Combine(paths.Large, id + SumSuffix));
        if (!File.Exists(sum))
        {
            if (!paths.IsReadOnly)
            {
                AtomicFile.Replace(sum, hash, AtomicFile.OwnerOnly, flush: true);
            }
            return null;
        }
        var known = File.ReadAllBytes(sum);
        return known.AsSpan().SequenceEqual(hash)
            ? null
            : ($"content with the hash {Convert.ToHexStringLower(known)}", Convert.ToHexStringLower(hash));
    }

    private byte[] Hash(string id)
    {
        using var content = _files.Open(id);
        var (hash, buffer) = (new XxHash128(), new byte[BufferSize]);
        for (long at = 0; at < content.Size; at += buffer.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, content.Size - at));
            content.Read(part, at);
            hash.Append(part);
            found.BytesRead += part.Length;
        }
        return hash.GetCurrentHash();
    }
}
