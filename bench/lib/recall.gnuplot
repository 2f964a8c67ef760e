# Recall against queries a second, a line for each engine. Needs name, folder, engines and output_file.
set terminal svg size 640,420 background 'white' noenhanced font 'sans-serif,12'
set output output_file
set title name
set xlabel 'recall@10'
set ylabel 'queries a second'
set logscale y
set grid
set key bottom left
set xrange [*<0.9:1]
plot for [engine in engines] sprintf('%s/%s.points', folder, engine) with linespoints linewidth 2 pointtype 7 title engine
