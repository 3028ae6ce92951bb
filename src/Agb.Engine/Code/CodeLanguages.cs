using System.Text.RegularExpressions;

namespace Agb.Engine;

/// <summary>Shell commands to run code, by language. <c>AGB_RUNNER</c> holds the runner's program, stdin the code.</summary>
internal static partial class CodeLanguages
{
    /// <summary>The exit code for a missing interpreter.</summary>
    internal const int NoInterpreter = 96;

    /// <summary>The shell command.</summary>
    internal static string Command(AgbCodeLanguage language) => language switch
    {
        AgbCodeLanguage.Python => Require("python3") + "exec python3 -I -S -c \"$AGB_RUNNER\"",
        AgbCodeLanguage.Javascript => Require("node") + "exec node -e \"$AGB_RUNNER\"",
        // One run at a time, because each loads the state saved by the previous run. The lock is not inherited by R.
        AgbCodeLanguage.R => Require("Rscript") + """
            mkdir -p -m 700 /var/tmp/.agb-code && exec 9>/var/tmp/.agb-code/r.lock && flock 9 &&
            runner=$(mktemp) && printf '%s\n' "$AGB_RUNNER" > "$runner" && Rscript --no-init-file "$runner" 9>&-
            status=$?; rm -f "$runner"; exit $status
            """,
        AgbCodeLanguage.Java => Require("java") + """
            folder=$(mktemp -d) && cat > "$folder/Main.java" && java "$folder/Main.java" < /dev/null
            status=$?; rm -rf "$folder"; exit $status
            """,
        _ => throw new ArgumentOutOfRangeException(nameof(language), language, null),
    };

    /// <summary>The runner's source; empty if the interpreter takes the code directly.</summary>
    internal static string Runner(AgbCodeLanguage language) => language switch
    {
        AgbCodeLanguage.Python => s_python.Value,
        AgbCodeLanguage.Javascript => s_javascript.Value,
        AgbCodeLanguage.R => s_r.Value,
        _ => "",
    };

    /// <summary>The program that runs a language.</summary>
    internal static string Program(AgbCodeLanguage language) => language switch
    {
        AgbCodeLanguage.Python => "python3",
        AgbCodeLanguage.Javascript => "node",
        AgbCodeLanguage.R => "Rscript",
        _ => "java",
    };

    /// <summary>Whether a run without a final answer is a failure: all runners answer, a plain program can't.</summary>
    internal static bool Answers(AgbCodeLanguage language) => language != AgbCodeLanguage.Java;

    /// <summary>The input for the interpreter. Java has no bare statements, so they become a method's body, with the imports
    /// before the class.</summary>
    internal static string Prepare(AgbCodeLanguage language, string code)
    {
        if (language != AgbCodeLanguage.Java || MainMethod().IsMatch(code))
        {
            return code;
        }
        var imports = ImportLine().Matches(code).Select(m => m.Value.Trim());
        return $$"""
            {{string.Join(' ', imports)}} public class Main { public static void main(String[] args) throws Exception {
            {{ImportLine().Replace(code, "")}}
            } }
            """;
    }

    private static readonly Lazy<string> s_python = new(() => Read("python.py"));
    private static readonly Lazy<string> s_javascript = new(() => Read("javascript.js"));
    private static readonly Lazy<string> s_r = new(() => Read("r.R"));

    private static string Require(string program) => $"command -v {program} >/dev/null 2>&1 || exit {NoInterpreter}; ";

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(CodeLanguages).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\bstatic\s+void\s+main\s*\(")]
    private static partial Regex MainMethod();

    [GeneratedRegex(@"^[ \t]*import\s+[\w.*\s]+;", RegexOptions.Multiline)]
    private static partial Regex ImportLine();
}
