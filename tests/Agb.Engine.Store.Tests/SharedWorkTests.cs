namespace Agb.Engine.Store.Tests;

/// <summary>Work that is divided among threads.</summary>
public sealed class SharedWorkTests
{
    [Fact]
    public void Every_piece_is_done_once()
    {
        var done = new int[5000];

        SharedWork.Run(done.Length, (piece, _) => Interlocked.Increment(ref done[piece]));

        done.ShouldAllBe(times => times == 1);
    }

    [Fact]
    public void Nothing_is_done_of_nothing() => SharedWork.Run(0, (_, _) => throw new InvalidOperationException());

    [Fact]
    public void The_first_error_is_thrown_as_it_is_and_ends_the_others()
    {
        var begun = 0;

        var error = Should.Throw<FileNotFoundException>(() => SharedWork.Run(10_000, (piece, hasFailed) =>
        {
            Interlocked.Increment(ref begun);
            if (piece == 0)
            {
                throw new FileNotFoundException("It is this one.");
            }
            SpinWait.SpinUntil(hasFailed);
        }));

        error.Message.ShouldBe("It is this one.");
        begun.ShouldBeLessThanOrEqualTo(SharedWork.MostThreads, "no thread takes another piece");
    }

    [Theory]
    [InlineData(10)]
    [InlineData(10_000)]
    public void What_names_lead_to_is_listed_in_their_order(int count)
    {
        var names = Enumerable.Range(0, count).Select(i => $"n{i}").ToList();
        var found = new List<string> { "first" };
        var below = new System.Collections.Concurrent.ConcurrentBag<bool>();

        SharedWork.List(names, found, mayShare: true, (name, into, mayShareBelow) =>
        {
            below.Add(mayShareBelow);
            into.Add(name);
            into.Add(name + "/child");
        });

        found.ShouldBe(["first", .. names.SelectMany(n => (string[])[n, n + "/child"])]);
        if (count == 10)
        {
            below.ShouldAllBe(mayShare => mayShare, "a level below may be a wide one");
        }
    }
}
