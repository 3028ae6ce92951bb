using Agb.Engine.Store.Tests.Faults;

namespace Agb.Engine.Store.Tests;

/// <summary>Contents of large files in all their forms, after random edits.</summary>
[Collection(LargeFileCollection.Name)]
public sealed class LargeContentTests : IDisposable
{
    private const int Block = 4096;

    private readonly string _home = Directory.CreateTempSubdirectory("agb-large-").FullName;
    private readonly StorePaths _paths;
    private readonly LargeFiles _files;
    private readonly LargeMoves _moves;

    public LargeContentTests()
    {
        _paths = new StorePaths(_home);
        (_files, _moves) = (new LargeFiles(_paths), new LargeMoves(_paths));
        foreach (var directory in (string[])[_paths.Large, _paths.Locks, Path.Combine(_home, "places")])
        {
            Directory.CreateDirectory(directory);
        }
    }

    public void Dispose() => TreeRemover.Remove(_home);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_content_of_a_history_is_read_in_every_form(int seed)
    {
        var random = new Random(seed);
        var contents = new List<byte[]> { Random(random, 700_000) };
        Write("v.0", contents[0]);
        for (var i = 1; i < 12; i++)
        {
            contents.Add(Edited(random, contents[^1]));
            Append(contents, i);
            RequireAll(contents);
            if (random.Next(2) == 0)
            {
                MakeWhole(i);
                RequireAll(contents);
                _files.IsWhole($"v.{i}").ShouldBeTrue();
            }
        }
        // An older one gets a file of its own, and gives it up again.
        MakeWhole(4);
        RequireAll(contents);
        MakeWhole(11);
        RequireAll(contents);
        for (var i = 0; i < 11; i++)
        {
            if (_files.IsWhole($"v.{i}"))
            {
                _moves.TryShrink($"v.{i}", "v.11", TestContext.Current.CancellationToken);
            }
            RequireAll(contents);
        }
        Directory.EnumerateFiles(_paths.Large).Where(f => f.Contains(LargeMoves.NewMark, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void A_file_moves_on_and_leaves_a_delta()
    {
        var contents = Pair();
        var inode = Stat("v.0").Ino;
        MakeWhole(1);

        (Stat("v.1").Ino, _files.IsWhole("v.0")).ShouldBe((inode, false));
        Blocks().ShouldBeLessThan(contents[0].Length + (16 * Block));
        RequireAll(contents);
    }

    [Fact]
    public void A_file_with_a_reader_or_in_a_mount_stays_as_it_is()
    {
        var contents = Pair();
        var inode = Stat("v.0").Ino;
        using (_files.Open("v.0"))
        {
            MakeWhole(1);
        }
        (Stat("v.0").Ino, Stat("v.1").Ino == inode).ShouldBe((inode, false));
        RequireAll(contents);

        using var large = _files.OpenDirectory();
        using var places = Fd.OpenDirectory(Path.Combine(_home, "places"));
        large.TryLinkAt("v.0", places, "mounted").ShouldBeTrue();
        _moves.TryShrink("v.0", "v.1", TestContext.Current.CancellationToken).ShouldBeFalse();
        places.UnlinkAt("mounted");
        _moves.TryShrink("v.0", "v.1", TestContext.Current.CancellationToken).ShouldBeTrue();
        RequireAll(contents);
    }

    [Theory]
    [InlineData(FaultPoint.LargeDeltaWritten)]
    [InlineData(FaultPoint.LargeFileMoving)]
    [InlineData(FaultPoint.LargeFilePatched)]
    public void A_move_that_ends_at_any_step_is_read_and_finished(string point)
    {
        var contents = Pair();
        FaultPoint.Handler = reached =>
        {
            if (reached == point)
            {
                // Half a change of the file itself is part of the case.
                Damage();
                throw new InvalidOperationException(point);
            }
        };
        try
        {
            Should.Throw<InvalidOperationException>(() => MakeWhole(1)).Message.ShouldBe(point);
        }
        finally
        {
            FaultPoint.Handler = null;
        }
        RequireAll(contents);
        MakeWhole(1);
        RequireAll(contents);
        _files.IsWhole("v.1").ShouldBeTrue();
        Directory.EnumerateFiles(_paths.Large, "*" + LargeFiles.MovingSuffix).ShouldBeEmpty();

        void Damage()
        {
            if (point == FaultPoint.LargeFileMoving)
            {
                using var large = _files.OpenDirectory();
                using var body = large.OpenWriteAt("v.1" + LargeFiles.MovingSuffix);
                body.Write(contents[1].AsSpan(0, 100), 0);
            }
        }
    }

    public static TheoryData<FaultKind> Faults => [FaultKind.Death, FaultKind.Throw, FaultKind.NoSpace, FaultKind.InputOutput, FaultKind.Fsync, FaultKind.ShortWrite];

    [Theory]
    [MemberData(nameof(Faults))]
    public Task Each_call_of_a_move_a_copy_and_a_shrink_fails_and_no_content_is_lost(FaultKind kind) => FaultSweep.RunAsync(kind, faults: 200, (plan, _) =>
    {
        foreach (var left in Directory.EnumerateFiles(_paths.Large))
        {
            File.Delete(left);
        }
        var contents = Pair();
        using (FaultSeam.Arm(_home, plan))
        {
            Record.Exception(Work);
        }
        RequireAll(contents);
        Work();
        RequireAll(contents);
        (_files.IsWhole("v.0"), _files.IsWhole("v.1")).ShouldBe((false, true));
        return Task.CompletedTask;

        void Work()
        {
            MakeWhole(1);
            MakeWhole(0);
            _moves.TryShrink("v.0", "v.1", TestContext.Current.CancellationToken);
        }
    });

    [Fact]
    public void A_damaged_delta_is_an_error_and_no_wrong_content()
    {
        Pair();
        using (var delta = File.OpenWrite(Path.Combine(_paths.Large, "v.1" + LargeFiles.DeltaSuffix)))
        {
            delta.Position = 10;
            delta.WriteByte(0xEE);
        }
        Should.Throw<AgbException>(() => MakeWhole(1)).ErrorId.ShouldBe(AgbErrorIds.StoreCorrupt);
        _files.IsWhole("v.0").ShouldBeTrue();
    }

    [Fact]
    public void A_file_of_exabytes_without_data_is_compared_at_once()
    {
        using var large = _files.OpenDirectory();
        using (var huge = large.CreateAt("v.0"))
        {
            huge.Truncate(1L << 43);
            huge.Write("begin"u8, 0);
        }
        using (var source = large.OpenReadAt("v.0"))
        using (var content = _files.Open("v.0"))
        using (var delta = large.CreateAt("v.1.delta"))
        {
            var writer = new LargeDeltaWriter(delta, 1 << 20);
            LargeDiff.TryWrite(source, 1L << 43, content, writer, TestContext.Current.CancellationToken).ShouldBeTrue();
            writer.Finish("v.0", isForward: true, 1L << 43);
        }
        new FileInfo(Path.Combine(_paths.Large, "v.1.delta")).Length.ShouldBeLessThan(Block);
    }

    private List<byte[]> Pair()
    {
        List<byte[]> contents = [Random(new Random(7), 900_000)];
        Write("v.0", contents[0]);
        contents.Add([.. contents[0]]);
        contents[1].AsSpan(0, 200).Fill(1);
        contents[1].AsSpan(500_000, 10).Fill(2);
        contents[1] = [.. contents[1], .. "grown"u8];
        Append(contents, 1);
        return contents;
    }

    private static byte[] Random(Random random, int size)
    {
        var bytes = new byte[size];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Edited(Random random, byte[] before)
    {
        var (at, bytes) = (random.Next(before.Length), Random(random, random.Next(1, 9000)));
        return random.Next(5) switch
        {
            0 => [.. before, .. bytes],
            1 => before[..Math.Max(300_000, before.Length - random.Next(100_000))],
            2 => [.. before[..(before.Length - 20_000)], .. bytes, .. before[(before.Length - 20_000)..]],
            3 => [.. before, .. new byte[random.Next(100_000)]],
            _ => [.. before[..at], .. bytes[..Math.Min(bytes.Length, before.Length - at)], .. before[Math.Min(before.Length, at + bytes.Length)..]],
        };
    }

    private void Write(string id, byte[] content)
    {
        File.WriteAllBytes(Path.Combine(_paths.Large, id), content);
        Place(id, content);
    }

    private void Place(string id, byte[] content) => File.WriteAllBytes(Path.Combine(_home, "places", id), content);

    /// <summary>Stores a content as a delta to the one before.</summary>
    private void Append(List<byte[]> contents, int i)
    {
        Place($"v.{i}", contents[i]);
        using var places = Fd.OpenDirectory(Path.Combine(_home, "places"));
        using var large = _files.OpenDirectory();
        using var source = places.OpenReadAt($"v.{i}");
        using var before = _files.Open($"v.{i - 1}");
        using var delta = large.CreateAt($"v.{i}{LargeFiles.DeltaSuffix}");
        var writer = new LargeDeltaWriter(delta, long.MaxValue);
        LargeDiff.TryWrite(source, contents[i].Length, before, writer, TestContext.Current.CancellationToken).ShouldBeTrue();
        writer.Finish($"v.{i - 1}", isForward: true, contents[i].Length);
    }

    private void MakeWhole(int i) => _moves.MakeWhole($"v.{i}");

    private void RequireAll(List<byte[]> contents)
    {
        for (var i = 0; i < contents.Count; i++)
        {
            using var content = _files.Open($"v.{i}");
            content.Size.ShouldBe(contents[i].Length);
            var read = new byte[contents[i].Length + 5000];
            // In parts that cross blocks.
            for (var at = 0; at < read.Length; at += 70_001)
            {
                content.Read(read.AsSpan(at, Math.Min(70_001, read.Length - at)), at);
            }
            read.AsSpan(0, contents[i].Length).SequenceEqual(contents[i]).ShouldBeTrue($"content {i}");
            read.AsSpan(contents[i].Length).IndexOfAnyExcept((byte)0).ShouldBe(-1);
        }
    }

    private FileStat Stat(string id)
    {
        using var large = _files.OpenDirectory();
        return large.StatAt(id);
    }

    private long Blocks() => Directory.EnumerateFiles(_paths.Large).Sum(f => new FileInfo(f).Length);
}
