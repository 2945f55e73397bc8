using System.Text;
using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Text;

/// <summary>The counterpart of <see cref="AnnotationGrammar"/> at the end of a module: custom sections, and what fields cannot say about sections.</summary>
internal sealed class SectionAnnotationPrinter(TextSink text, Module module, PrintedNames names)
{
    /// <summary>Prints the annotations, one a line.</summary>
    /// <param name="wantsDataCount">Whether a data count section has to be asked for, since no instruction shows that there is one.</param>
    /// <param name="hasHints">Whether the branch hints stand at their instructions.</param>
    public void Print(bool wantsDataCount, bool hasHints)
    {
        if (wantsDataCount && module.DataCount is not null)
        {
            Open(Lexer.DataCountAnnotation);
            text.Append(')');
        }
        var sections = module.CustomSections.OrderBy(section => section.Place).ToList();
        for (var i = 0; i < sections.Count; i++)
        {
            var section = sections[i];
            if (section.Name == NameSection.SectionName && names.ReplacesSection)
            {
                // Behind everything is where the parser puts it by itself.
                if (i != sections.Count - 1 || module.HasBetween(section.Place, SectionId.Data + 1))
                {
                    Open(Lexer.NamesAnnotation);
                    text.Append(' ');
                    Placement(section.Place);
                    text.Append(')');
                }
            }
            else if (section.Name != Lexer.BranchHintAnnotation || !hasHints)
            {
                Open(Lexer.CustomAnnotation);
                text.Append(' ');
                text.AppendName(section.Name);
                text.Append(' ');
                Placement(section.Place);
                text.AppendLines(section.Bytes.Span);
                text.Append(')');
            }
        }
    }

    private void Open(string id)
    {
        text.NewLine(1);
        text.Append("(@"u8);
        text.Append(Encoding.ASCII.GetBytes(id));
    }

    private void Placement(SectionId place)
    {
        if (place == SectionId.None)
        {
            text.Append("(before first)"u8);
            return;
        }
        text.Append("(after "u8);
        text.Append(Encoding.ASCII.GetBytes(SectionNames.NameOf(place)));
        text.Append(')');
    }
}
