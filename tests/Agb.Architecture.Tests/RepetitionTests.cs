namespace Agb.Architecture.Tests;

/// <summary>Code that stands once.</summary>
public sealed class RepetitionTests(Sources sources)
{
    private const int Most = 9;

    /// <summary>Comments, blank lines and usings do not count.</summary>
    [Fact]
    public void No_block_of_ten_lines_stands_twice()
    {
        var places = new Dictionary<string, string>();
        var twice = new List<string>();
        foreach (var file in sources.Files)
        {
            var lines = Sources.LinesOf(file)
                .Select((l, i) => (Number: i + 1, Text: l.Trim()))
                .Where(l => l.Text.Length > 0 && !l.Text.StartsWith("//", StringComparison.Ordinal) && !l.Text.StartsWith("using ", StringComparison.Ordinal))
                .ToArray();
            for (var i = 0; i + Most < lines.Length; i++)
            {
                var place = $"{file.FilePath}:{lines[i].Number}";
                if (!places.TryAdd(string.Join('\n', lines[i..(i + Most + 1)].Select(l => l.Text)), place))
                {
                    twice.Add($"{place} as {places[string.Join('\n', lines[i..(i + Most + 1)].Select(l => l.Text))]}");
                }
            }
        }

        places.Count.ShouldBeGreaterThan(10_000);
        twice.ShouldBeEmpty();
    }
}
